import Foundation
import Latent
import TestSupport
import Testing

/// What must hold of every distribution in the table: densities, samplers, means, gradients, precision.
@Suite(.serialized) struct DistributionLawTests {
  @Test(arguments: DistributionCase.all)
  func probabilitiesSumToOne(_ instance: DistributionCase) throws {
    #expect(abs(try instance.probabilities().reduce(0, +) - 1) < 5e-6)
  }

  @Test(arguments: DistributionCase.all)
  func theSamplerFollowsTheDensity(_ instance: DistributionCase) throws {
    let count = 20_000
    let draws = try draws(instance, count)
    let probabilities = try instance.probabilities()
    switch instance.support {
    case .interval(let range, _):
      let distance = GoodnessOfFit.kolmogorovSmirnov(draws.map { $0[0] }, probabilities, over: range)
      #expect(distance < GoodnessOfFit.kolmogorovOnePercent)
    case .values(let values):
      #expect(GoodnessOfFit.chiSquaredOverOnePercent(draws, values, probabilities) < 1)
    }
  }

  @Test(arguments: DistributionCase.all.filter(\.hasExactMean))
  func theMeanIsThatOfTheDraws(_ instance: DistributionCase) throws {
    let draws = try draws(instance, 50_000)
    let means = try instance.run(CPUBackend()) { distribution, _ in [distribution.mean] }[0]
    for (place, mean) in means.enumerated() {
      let sample = GoodnessOfFit.meanAndError(draws.map { $0[place] })
      #expect(abs(sample.mean - mean) < 5 * sample.error + 2e-6 * max(1, abs(mean)), "dimension \(place)")
    }
  }

  @Test(arguments: DistributionCase.all)
  func gradientsAreFiniteDifferences(_ instance: DistributionCase) throws {
    let points = instance.somePoints(9)
    let exact = try instance.run(ReferenceBackend(), .float64) { distribution, inputs in
      gradient(of: DistributionCase.objective(distribution, inputs, points), withRespectTo: inputs)
    }
    let differences = try instance.finiteDifferences { DistributionCase.objective($0, $1, points) }
    for (left, right) in zip(exact, differences) {
      // The error of a central difference grows with the third derivative, the rounding error with the value.
      let size = left.map { abs($0) }.reduce(1, max)
      #expect(largestDifference(left.map { $0 / size }, right.map { $0 / size }) < 1e-6)
    }
  }

  @Test(arguments: DistributionCase.all)
  func float32AgreesWithDoublePrecision(_ instance: DistributionCase) throws {
    let points = instance.somePoints(40)
    let outputs = { (distribution: any Distribution, inputs: [Tensor]) -> [Tensor] in
      let x = inputs[0].graph.constant(points, type: .float32)
      let gradients = gradient(of: DistributionCase.objective(distribution, inputs, points), withRespectTo: inputs)
      return [distribution.logProbability(x), distribution.mean] + gradients
    }
    let exact = try instance.run(ReferenceBackend(), .float32, outputs)
    let single = try instance.run(CPUBackend(), .float32, outputs)
    #expect(largestDifference(single[0], exact[0]) < instance.tolerance)
    #expect(largestDifference(single[1], exact[1]) < 2e-6)
    // Sums over the points.
    for (left, right) in zip(single[2...], exact[2...]) {
      #expect(largestDifference(left, right) < instance.tolerance * Double(points.count))
    }
  }

  @Test(arguments: DistributionCase.all)
  func theDetachedDistributionHasTheSameDensityAndNoGradient(_ instance: DistributionCase) throws {
    let points = instance.somePoints(5)
    let values = try instance.run(CPUBackend()) { distribution, inputs in
      let x = inputs[0].graph.constant(points, type: .float32)
      guard let detached = distribution.detached else { return [] }
      let gradients = gradient(of: detached.logProbability(x).sum(), withRespectTo: inputs)
      return [distribution.logProbability(x), detached.logProbability(x)] + gradients
    }
    try #require(values.count == 2 + instance.parameters.count)
    #expect(values[0] == values[1])
    #expect(values[2...].allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  @Test(arguments: DistributionCase.all)
  func oneDrawNeedsNoCount(_ instance: DistributionCase) throws {
    let size = instance.points[0].count
    _ = try instance.run(CPUBackend()) { distribution, _ in
      #expect(distribution.sample(count: nil).shape == [size])
      #expect(distribution.sample(count: 3).shape == [3, size])
      #expect(distribution.mean.shape == [size])
      return [distribution.sample(count: nil)]
    }
  }

  private func draws(_ instance: DistributionCase, _ count: Int) throws -> [[Double]] {
    let draws = try instance.run(CPUBackend()) { distribution, _ in [distribution.sample(count: count)] }[0]
    let size = draws.count / count
    return (0..<count).map { Array(draws[($0 * size)..<(($0 + 1) * size)]) }
  }
}
