import Foundation
import Latent
import Testing

@testable import LatentEvaluation

/// Estimates against closed forms of linear-Gaussian codes.
@Suite struct AggregatePosteriorTests {
  /// Posteriors with means N(0, signal_j) and variances noise_j, the means of all latents independent.
  private func posteriors(_ count: Int, signal: [Float], noise: [Float], seed: UInt64 = 1) throws -> NormalPosteriors {
    let width = signal.count
    let means = SyntheticCodes.normals(count * width, seed: seed).enumerated().map { place, value in
      value * signal[place % width].squareRoot()
    }
    return try NormalPosteriors(
      means: CodeMatrix(means, width: width),
      logVariances: CodeMatrix((0..<count * width).map { log(noise[$0 % width]) }, width: width))
  }

  /// A code of N(0, signal) plus noise knows 1/2 log(1 + signal / noise) nats of each latent.
  ///
  /// Four standard errors, and what N examples are short of the population: the density that the draw's own posterior
  /// contributes, of order (1 + signal / noise)^(d / 2) / N.
  @Test(arguments: [([Float(0.75)], [Float(0.25)]), ([0.5, 0.9, 0], [0.5, 0.1, 1]), ([0], [1])])
  func theInformationIsThatOfALinearGaussianCode(signal: [Float], noise: [Float]) throws {
    let count = 4000
    let aggregate = AggregatePosterior(try posteriors(count, signal: signal, noise: noise))
    let information = aggregate.information(draws: 4000, seed: 2)
    let ratios = zip(signal, noise).map { Double($0 / $1) }
    let expected = ratios.reduce(0) { $0 + 0.5 * log(1 + $1) }
    let short = ratios.reduce(1) { $0 * (1 + $1).squareRoot() } / Double(count)
    let estimate = information.mutualInformation
    #expect(abs(estimate.value - expected) <= 4 * estimate.error + 4 * short + 1e-9)
    #expect(estimate.error < 0.02)
    // Signal and noise together are standard normal, the prior.
    #expect(abs(information.marginalDivergence.value) <= 4 * information.marginalDivergence.error + 4 * short + 0.005)
    #expect(
      abs(information.rate.value - estimate.value - information.marginalDivergence.value) < 1e-9)
  }

  @Test func theRateIsThatOfTheClosedForm() throws {
    let posteriors = try posteriors(500, signal: [0.7, 2], noise: [0.2, 0.6])
    let estimate = AggregatePosterior(posteriors).information(draws: 5000, seed: 3).rate
    #expect(abs(estimate.value - posteriors.rates.reduce(0, +)) < 4 * estimate.error)
  }

  /// The codes are N(0, 1), the prior is N(1, 1): half a nat apart, with the same information.
  @Test func anyPriorCanBeGiven() throws {
    let aggregate = AggregatePosterior(try posteriors(2000, signal: [0.5], noise: [0.5]))
    let standard = aggregate.information(draws: 3000, seed: 4)
    let moved = aggregate.information(draws: 3000, seed: 4) { -0.5 * (($0[0] - 1) * ($0[0] - 1) + log(2 * .pi)) }
    #expect(moved.mutualInformation == standard.mutualInformation)
    #expect(abs(moved.marginalDivergence.value - 0.5) < 4 * moved.marginalDivergence.error + 0.05)
  }

  /// Posteriors far apart say which of the eight examples it was, and no more than that.
  @Test func theInformationIsAtMostTheLogarithmOfTheExamples() throws {
    let posteriors = try NormalPosteriors(
      means: CodeMatrix((0..<8).map { Float($0) * 100 }, width: 1),
      logVariances: CodeMatrix(Array(repeating: 0, count: 8), width: 1))
    let information = AggregatePosterior(posteriors).information(draws: 100, seed: 0).mutualInformation
    #expect(abs(information.value - log(8)) < 1e-9)
  }

  @Test func theDensityIsTheAverageOfThePosteriorsAndIntegratesToOne() throws {
    let posteriors = try posteriors(50, signal: [2], noise: [0.3])
    let aggregate = AggregatePosterior(posteriors)
    let integral = (0..<4000).reduce(0.0) { $0 + exp(aggregate.logDensity([-10 + 0.005 * Double($1)])) * 0.005 }
    #expect(abs(integral - 1) < 1e-6)
    let direct = (0..<50).reduce(0.0) { sum, example in
      let difference = 0.4 - Double(posteriors.means.values[example])
      let variance = exp(Double(posteriors.logVariances.values[example]))
      return sum + exp(-0.5 * difference * difference / variance) / (2 * .pi * variance).squareRoot() / 50
    }
    #expect(abs(aggregate.logDensity([0.4]) - log(direct)) < 1e-9)
    #expect(abs(aggregate.logMarginalDensities([0.4])[0] - log(direct)) < 1e-9)
  }

  /// Two latents whose sums of signal and noise have variance 1 and correlation 0.8: -1/2 log(1 - 0.64) nats.
  @Test func theTotalCorrelationIsThatOfCorrelatedNormals() throws {
    let count = 4000
    let normals = SyntheticCodes.normals(count * 2, seed: 6)
    let (signal, correlation): (Float, Float) = (0.9, 0.8)
    // The noise is independent, so that the signals must be correlated by more.
    let inner = correlation / signal
    let rows = (0..<count).map { example -> [Float] in
      let (a, b) = (normals[2 * example], normals[2 * example + 1])
      return [a, inner * a + (1 - inner * inner).squareRoot() * b].map { $0 * signal.squareRoot() }
    }
    let aggregate = AggregatePosterior(
      try NormalPosteriors(
        means: CodeMatrix(rows: rows),
        logVariances: CodeMatrix(Array(repeating: log(1 - signal), count: count * 2), width: 2)))
    let estimate = aggregate.totalCorrelation(draws: 4000, seed: 7)
    // A sample of 4000 has the correlation within 0.006 by one standard deviation, the divergence within 0.013.
    #expect(abs(estimate.value + 0.5 * log(1 - 0.64)) < 4 * estimate.error + 0.03)
    #expect(estimate.error < 0.02)
    let single = AggregatePosterior(try posteriors(100, signal: [1], noise: [1]))
    #expect(abs(single.totalCorrelation(draws: 50, seed: 0).value) < 1e-12)
  }

  @Test func examplesTakeTurnsAndTheFewThatDoNotAreRandom() throws {
    let aggregate = AggregatePosterior(try posteriors(40, signal: [0.5], noise: [0.5]))
    func counts(_ draws: Int) -> [Int] {
      let examples = aggregate.draws(draws, seed: 1, stream: "test").map { $0.example }
      return (0..<40).map { example in examples.count { $0 == example } }
    }
    #expect(counts(80) == Array(repeating: 2, count: 40))
    let few = counts(10)
    #expect(few.reduce(0, +) == 10)
    #expect(few.allSatisfy { $0 <= 1 })
    // Ten of forty leave the second half out once in 4000 times.
    #expect(few.suffix(20).contains(1))
    #expect(few.prefix(20).contains(1))
  }

  @Test func theSameSeedGivesTheSameEstimate() throws {
    let aggregate = AggregatePosterior(try posteriors(100, signal: [0.5], noise: [0.5]))
    #expect(aggregate.information(draws: 150, seed: 1) == aggregate.information(draws: 150, seed: 1))
    #expect(aggregate.information(draws: 150, seed: 1) != aggregate.information(draws: 150, seed: 2))
  }
}
