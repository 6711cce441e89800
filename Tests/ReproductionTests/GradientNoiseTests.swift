import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentReproduction

/// Three estimators of one gradient on a model small enough to average them.
@Suite struct GradientNoiseTests {
  private func network() throws -> SmallNetwork {
    try SmallNetwork(smallModel(latents: 2, hidden: [3]), exampleShape: [8, 8, 1], seed: 2)
  }

  /// Mean and standard error of every element of the gradient.
  private func moments(
    _ estimator: Objective.Gradient, _ network: SmallNetwork, _ examples: Examples, draws: Int, seed: UInt64
  ) throws -> [(mean: Double, error: Double)] {
    let noise = try GradientNoise(network, estimator: estimator, batchSize: 10)
    try noise.set(baseline: -45)
    var sums: [Double] = []
    var squares: [Double] = []
    for step in 0..<draws {
      let values = try noise.gradient(examples, Array(0..<10), RandomState(seed: seed, step: UInt64(step)))
      if sums.isEmpty {
        sums = values.map { _ in 0 }
        squares = sums
      }
      for (index, value) in values.enumerated() {
        sums[index] += value
        squares[index] += value * value
      }
    }
    return zip(sums, squares).map { sum, square in
      let mean = sum / Double(draws)
      return (mean, ((square / Double(draws) - mean * mean) / Double(draws)).squareRoot())
    }
  }

  @Test(arguments: [Objective.Gradient.scoreFunction, .scoreFunctionWithBaseline])
  func scoreFunctionsHaveTheMeanOfTheReparameterisedGradient(_ estimator: Objective.Gradient) throws {
    let network = try network()
    let examples = try smallImages(10).binarized(seed: 0)
    let path = try moments(.pathwise, network, examples, draws: 2000, seed: 1)
    let score = try moments(estimator, network, examples, draws: 20_000, seed: 2)
    #expect(path.count == 64 * 3 + 3 + 3 * 4 + 4)
    for (a, b) in zip(path, score) {
      #expect(abs(a.mean - b.mean) < 5 * (a.error * a.error + b.error * b.error).squareRoot() + 1e-6)
    }
    // The means are there to be told from zero.
    #expect(path.contains { abs($0.mean) > 20 * $0.error })
  }

  @Test func aBaselineLessensTheNoise() throws {
    let network = try network()
    let examples = try smallImages(10).binarized(seed: 0)
    let noise = try [Objective.Gradient.scoreFunction, .scoreFunctionWithBaseline].map { estimator in
      try moments(estimator, network, examples, draws: 2000, seed: 2).reduce(0) { $0 + $1.error * $1.error }
    }
    // The bound is about -45, and so is the baseline.
    #expect(noise[1] < 0.3 * noise[0])
  }

  @Test func halfTheSquaredDistanceIsTheVariance() throws {
    let network = try network()
    let examples = try smallImages(10).binarized(seed: 0)
    let noise = try GradientNoise(network, estimator: .pathwise, batchSize: 10)
    let draws = 2000
    let spreads = SampleStatistics(
      try (0..<draws).map { try noise.spread(examples, Array(0..<10), RandomState(seed: 3, step: UInt64($0))) })
    let moments = try moments(.pathwise, network, examples, draws: draws, seed: 1)
    let variance = moments.reduce(0) { $0 + $1.error * $1.error * Double(draws) }
    #expect(abs(spreads.mean - variance) < 0.15 * variance)
    #expect(abs(spreads.mean - variance) < 6 * spreads.error)
  }

  @Test func measuringChangesNoWeight() throws {
    let network = try network()
    let examples = try smallImages(10).binarized(seed: 0)
    let before = try network.model.variables.map { try network.store.value(of: $0) }
    let noise = try GradientNoise(network, estimator: .scoreFunctionWithBaseline, batchSize: 10)
    try noise.set(baseline: -45)
    let first = try noise.spread(examples, Array(0..<10), RandomState(seed: 3))
    #expect(try noise.spread(examples, Array(0..<10), RandomState(seed: 3)) == first)
    #expect(try network.model.variables.map { try network.store.value(of: $0) } == before)
  }

  @Test func ratiosHaveJackknifeErrors() {
    let exact = SampleStatistics.ratio([2, 4, 6], [1, 2, 3])
    #expect(exact.value == 2 && exact.error < 1e-12)
    let (value, error) = SampleStatistics.ratio([1, 3, 5, 7], [2, 2, 2, 2])
    // With a constant below it is the error of a mean.
    #expect(value == 2)
    #expect(abs(error - SampleStatistics([0.5, 1.5, 2.5, 3.5]).error) < 1e-12)
  }
}
