import Latent
import TestSupport
import Testing

@testable import LatentCPUBackend

/// Parts of a network that are computed again for their gradient.
@Suite(.serialized) struct CheckpointTests {
  private static let width = 64
  private static let kernels = (0..<12).map {
    Variable("w\($0)", shape: [width, width], initializer: .normal(standardDeviation: 0.2))
  }

  /// Twelve layers, in blocks of three that are checkpointed or not, and the gradients of all their kernels.
  private func program(isCheckpointed: Bool, hasNoise: Bool = false) -> Program {
    let graph = Graph()
    var x = graph.input("x", shape: [256, Self.width])
    for first in stride(from: 0, to: 12, by: 3) {
      let block = {
        (first..<(first + 3)).reduce(x) { value, layer in
          let noise = hasNoise ? graph.random(.uniform, shape: value.shape) : value.graph.constant(1)
          return ((value * noise).dot(graph.read(Self.kernels[layer])) * 0.9).tanh()
        }
      }
      x = isCheckpointed ? graph.checkpointed(block) : block()
    }
    let loss = x.squared().sum()
    return Program(graph: graph, outputs: [loss] + gradient(of: loss, withRespectTo: Self.kernels.map(graph.read)))
  }

  @Test(arguments: [false, true])
  func aCheckpointedPartHasTheSameGradient(_ hasNoise: Bool) throws {
    let store = VariableStore(seed: 3)
    let input = HostTensor((0..<(256 * Self.width)).map { Float($0 % 23) / 23 - 0.5 }, shape: [256, Self.width])
    let results = try [false, true].map {
      try CPUBackend().compile(program(isCheckpointed: $0, hasNoise: hasNoise), state: store)
        .run([input], random: RandomState(seed: 1)).map(\.doubles)
    }
    for (left, right) in zip(results[0], results[1]) { #expect(largestDifference(left, right) < 1e-4) }
    #expect(results[0][1].contains { abs($0) > 1e-3 })
  }

  @Test func aCheckpointedPartNeedsLessMemory() throws {
    let sizes = try [false, true].map {
      MemoryPlan(try Lowering.plan(program(isCheckpointed: $0), threads: 1)).byteCount
    }
    // Of twelve layers' results those of four blocks are kept, and at one time those of one block more.
    #expect(Double(sizes[1]) < 0.7 * Double(sizes[0]), "\(sizes[1]) of \(sizes[0]) bytes")
  }
}
