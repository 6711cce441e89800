import Foundation
import Latent
import TestSupport
import Testing

/// The continuous Bernoulli where its formulas are 0/0, and gradients through its draws.
@Suite(.serialized) struct ContinuousBernoulliTests {
  /// From 1e-12 to 80, both signs, and closely around where the series take over.
  private static let logits: [Double] =
    ((-120...19).map { pow(10, Double($0) / 10) } + [0.1999, 0.2, 0.2001, 0.9999, 1, 1.0001])
    .flatMap { [$0, -$0] } + [0]

  private func run(
    _ type: ElementType, seed: UInt64 = 1, shift: Double = 0, _ build: (Tensor) -> [Tensor]
  ) throws -> [[Double]] {
    let graph = Graph()
    let logits = graph.input("logits", shape: [Self.logits.count, 1], type: type)
    let backend: any Backend = type == .float64 ? ReferenceBackend() : CPUBackend()
    let executable = try backend.compile(
      Program(graph: graph, outputs: build(logits)), state: VariableStore(seed: 0))
    let values = HostTensor(Self.logits.map { $0 + shift }, shape: logits.shape, type: type)
    return try executable.run([values], random: RandomState(seed: seed)).map(\.doubles)
  }

  @Test(arguments: [ElementType.float32, .float64])
  func theNormalizerAndTheMeanAreSmoothThroughZero(_ type: ElementType) throws {
    let values = try run(type) { logits in
      let distribution = ContinuousBernoulli(logits: logits)
      // At x = 1/2 the log-density is minus the log-normaliser.
      let density = distribution.logProbability(logits.graph.constant([0.5], shape: [1], type: type))
      return [density, distribution.mean] + gradient(of: density.sum(), withRespectTo: [logits])
        + gradient(of: distribution.mean.sum(), withRespectTo: [logits])
    }
    let tolerance = type == .float64 ? 2e-9 : 4e-7
    for (place, logit) in Self.logits.enumerated() {
      // The definitions, in double precision, with two terms of the series where they are exact to 1e-12.
      let small = abs(logit) < 0.01
      let (h, square) = (logit / 2, logit * logit)
      let normalizer = small ? square / 24 - square * square / 2880 : log(sinh(abs(h)) / abs(h))
      let mean = small ? logit / 12 - logit * square / 720 : 0.5 / tanh(h) - 1 / logit
      let variance = small ? 1 / 12.0 - square / 240 : 1 / square - 0.25 / (sinh(h) * sinh(h))
      #expect(abs(values[0][place] + normalizer) < tolerance * max(1, normalizer), "logit \(logit)")
      #expect(abs(values[1][place] - 0.5 - mean) < tolerance, "logit \(logit)")
      #expect(abs(values[2][place] + mean) < tolerance * 10, "logit \(logit)")
      #expect(abs(values[3][place] - variance) < tolerance * 20, "logit \(logit)")
    }
  }

  @Test func drawsLieInTheUnitIntervalAndFollowTheirLogit() throws {
    let values = try run(.float32) { logits in
      let draws = ContinuousBernoulli(logits: logits).sample(count: 400)
      return [draws, draws.mean([0]), ContinuousBernoulli(logits: logits).mean] as [Tensor]
    }
    #expect(values[0].allSatisfy { (0...1).contains($0) })
    // No standard deviation is above that of the uniform distribution.
    let allowed = 5 / (12.0 * 400).squareRoot()
    #expect(zip(values[1], values[2]).allSatisfy { abs($0 - $1) < allowed })
  }

  @Test func theGradientOfADrawIsThatOfTheQuantile() throws {
    func draws(_ shift: Double) throws -> [Double] {
      try run(.float64, shift: shift) { [ContinuousBernoulli(logits: $0).sample(count: nil)] }[0]
    }
    let exact = try run(.float64) { logits in
      gradient(of: ContinuousBernoulli(logits: logits).sample(count: nil).sum(), withRespectTo: [logits])
    }[0]
    let step = 1e-5
    let (above, below) = (try draws(step), try draws(-step))
    for (place, logit) in Self.logits.enumerated() where abs(abs(logit) - 0.2) > 2 * step {
      let difference = (above[place] - below[place]) / (2 * step)
      #expect(abs(exact[place] - difference) < 1e-6, "logit \(logit)")
    }
    #expect(exact.contains { $0 > 0.01 })
  }

  @Test func theGradientThroughDrawsHasNoSpikesInFloat32() throws {
    let exact = try run(.float64) { logits in
      gradient(of: ContinuousBernoulli(logits: logits).sample(count: nil).sum(), withRespectTo: [logits])
    }[0]
    let single = try run(.float32) { logits in
      gradient(of: ContinuousBernoulli(logits: logits).sample(count: nil).sum(), withRespectTo: [logits])
    }[0]
    #expect(largestDifference(exact, single) < 5e-6)
  }
}
