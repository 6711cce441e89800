import Latent
import Testing

@Suite("Attention as a layer", .serialized)
struct AttentionLayerTests {
  private func run(_ outputs: [Tensor], _ store: VariableStore, _ inputs: [HostTensor] = []) throws -> [[Double]] {
    try CPUBackend().compile(Program(graph: outputs[0].graph, outputs: outputs), state: store).run(inputs).map(
      \.doubles)
  }

  private func numbers(_ shape: Shape) -> HostTensor {
    HostTensor((0..<shape.elementCount).map { Double(($0 * 37) % 23) / 11 - 1 }, shape: shape)
  }

  @Test("Steps with kept keys and values are the layer over all positions", arguments: [1, 2, 4], [false, true])
  func stepsAreTheLayer(_ keyHeads: Int, _ isRotary: Bool) throws {
    let layer = SelfAttention(
      "attention", features: 16, heads: 4, keyHeads: keyHeads, isCausal: true, isRotary: isRotary)
    let (count, length) = (2, 7)
    let graph = Graph()
    let x = graph.input("x", shape: [count, length, 16])
    let rows = x.transpose([1, 0, 2]).reshape([length, count, 1, 16])
    let cache = layer.cache(batch: count, positions: length + 2)
    let (_, steps) = graph.scan(
      [rows, graph.iota(shape: [length], dimension: 0)], carrying: cache.empty(in: graph)
    ) { kept, slices in
      let (output, next) = layer(step: slices[0], cache: kept, position: slices[1])
      return (next, [output])
    }
    let joined = steps[0].reshape([length, count, 16]).transpose([1, 0, 2])
    let results = try run([layer(x), joined], VariableStore(seed: 3), [numbers([count, length, 16])])
    #expect(zip(results[0], results[1]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("A causal layer's outputs do not depend on what comes later")
  func nothingFlowsBack() throws {
    let layer = SelfAttention("attention", features: 8, heads: 2, isCausal: true, isRotary: true)
    let graph = Graph()
    let x = graph.input("x", shape: [1, 6, 8])
    let gradient = gradient(of: layer(x).slice(1, 2..<3).squared().sum(), withRespectTo: [x])[0]
    let values = try run([gradient], VariableStore(seed: 3), [numbers([1, 6, 8])])[0]
    #expect(values[24...].allSatisfy { $0 == 0 } && values[..<24].contains { $0 != 0 })
  }

  @Test("Products of rotated rows depend on the distance of their positions alone")
  func rotationsSeeDistances() throws {
    let graph = Graph()
    let q = graph.input("q", shape: [1, 5, 1, 8]), k = graph.input("k", shape: [1, 5, 1, 8])
    let products = [0, 1000].map { start in
      let positions = graph.iota(shape: [5], dimension: 0) + graph.constant(Double(start), .int32)
      return (q.rotated(positions: positions) * k.rotated(positions: positions + graph.constant(3, .int32))).sum([3])
    }
    let x = numbers([1, 5, 1, 8])
    let results = try run(products, VariableStore(seed: 0), [x, x])
    #expect(zip(results[0], results[1]).allSatisfy { abs($0 - $1) < 1e-3 })
    let turned = try run(
      [q.rotated(positions: graph.constant([0, 1, 2, 3, 4], shape: [5]))], VariableStore(seed: 0), [x])[0]
    // Nothing moves at position 0; a turn leaves the length of each pair of features.
    #expect(zip(turned, x.doubles).prefix(8).allSatisfy { abs($0 - $1) < 1e-6 })
    for row in 0..<5 {
      for i in 0..<4 {
        let (a, b) = (row * 8 + i, row * 8 + i + 4)
        let lengths = [turned, x.doubles].map { $0[a] * $0[a] + $0[b] * $0[b] }
        #expect(abs(lengths[0] - lengths[1]) < 1e-5)
      }
    }
  }
}
