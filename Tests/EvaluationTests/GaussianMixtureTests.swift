import Foundation
import Latent
import Testing

@testable import LatentEvaluation

@Suite struct GaussianMixtureTests {
  /// Two components in the plane, the second one correlated.
  private func truth() throws -> GaussianMixture {
    try GaussianMixture(
      covariance: .full,
      components: [
        GaussianMixture.Component(weight: 0.3, mean: [-3, 1], covariance: [0.5, 0, 0, 0.2]),
        GaussianMixture.Component(weight: 0.7, mean: [2, -1], covariance: [1, 0.8, 0.8, 1]),
      ])
  }

  /// Five standard errors of 8000 draws: weights 0.026, means 5 sqrt(v / n), variances 5 v sqrt(2 / n).
  @Test func aKnownMixtureIsRecovered() throws {
    let truth = try truth()
    let fit = try GaussianMixture.fit(truth.sample(count: 8000, seed: 1), components: 2, tolerance: 1e-8, seed: 2)
    #expect(fit.hasConverged)
    let found = fit.mixture.components.sorted { $0.weight < $1.weight }
    for (component, expected) in zip(found, truth.components) {
      let count = 8000 * expected.weight
      #expect(abs(component.weight - expected.weight) < 0.026)
      for (mean, place) in zip(component.mean, 0..<2) {
        #expect(abs(mean - expected.mean[place]) < 5 * (expected.covariance[place * 3] / count).squareRoot())
      }
      let widest = expected.covariance.max() ?? 0
      for (entry, place) in zip(component.covariance, 0..<4) {
        #expect(abs(entry - expected.covariance[place]) < 5 * widest * (2 / count).squareRoot())
      }
    }
  }

  /// The mean log-likelihood is near the truth's, and no worse: the fit is the maximum.
  @Test func theFitIsAtLeastAsLikelyAsTheTruth() throws {
    let truth = try truth()
    let codes = truth.sample(count: 4000, seed: 3)
    let fit = try GaussianMixture.fit(codes, components: 2, tolerance: 1e-8, seed: 4)
    let mean = try truth.logDensities(of: codes).reduce(0, +) / 4000
    #expect(fit.logLikelihood > mean)
    #expect(fit.logLikelihood < mean + 0.01)
    let own = try fit.mixture.logDensities(of: codes).reduce(0, +) / 4000
    #expect(abs(own - fit.logLikelihood) < 1e-9)
  }

  @Test(arguments: GaussianMixture.Covariance.allCases, [1, 2, 3, 4])
  func theObjectiveNeverFalls(covariance: GaussianMixture.Covariance, seed: UInt64) throws {
    // More components than there are clusters, and points far from all, so that some shrink onto few.
    let values = SyntheticCodes.normals(3 * 301, seed: seed).enumerated().map { $1 + ($0 % 7 == 0 ? 6 : 0) }
    let fit = try GaussianMixture.fit(
      CodeMatrix(values, width: 3), components: 8, covariance: covariance, regularization: 0.01, tolerance: 0,
      iterations: 100,
      seed: seed)
    #expect(fit.objectives.count > 5)
    #expect(zip(fit.objectives, fit.objectives.dropFirst()).allSatisfy { $1 >= $0 - 1e-10 })
    #expect(fit.objectives.last ?? 0 > (fit.objectives.first ?? 0) + 0.01)
    #expect(fit.logLikelihood >= fit.objectives.last ?? 0)
  }

  /// One component is the codes' own mean and covariance; its variances grow by the share of the mean variance.
  @Test func regularizationWidensAComponentByItsShare() throws {
    let codes = try truth().sample(count: 500, seed: 9)
    let component = try GaussianMixture.fit(codes, components: 1, regularization: 0.5, seed: 1).mixture.components[0]
    let (means, variances) = (codes.columnMeans, codes.columnVariances)
    for latent in 0..<2 {
      #expect(abs(component.mean[latent] - means[latent]) < 1e-9)
      // Codes are divided by their number here, by one less there.
      let expected = variances[latent] * 499 / 500 + 0.5 * (variances[0] + variances[1]) / 2
      #expect(abs(component.covariance[3 * latent] - expected) < 1e-9)
    }
    #expect(component.covariance[1] == component.covariance[2])
  }

  /// Within five standard deviations of 10,000 draws.
  @Test func samplesComeFromTheComponentsByTheirWeights() throws {
    let weights = [0.1, 0.2, 0.3, 0.4]
    let mixture = try GaussianMixture(
      covariance: .diagonal,
      components: weights.enumerated().map { index, weight in
        GaussianMixture.Component(weight: weight, mean: [100 * Double(index)], covariance: [1])
      })
    let codes = mixture.sample(count: 10_000, seed: 1)
    for (index, weight) in weights.enumerated() {
      let share = Double(codes.values.count { abs($0 - 100 * Float(index)) < 50 }) / 10_000
      #expect(abs(share - weight) < 5 * (weight * (1 - weight) / 10_000).squareRoot())
    }
  }

  @Test func theDensityIntegratesToOne() throws {
    let mixture = try truth()
    var integral = 0.0
    for row in 0..<240 {
      for column in 0..<240 {
        integral += exp(mixture.logDensity([-12 + 0.1 * Double(column), -12 + 0.1 * Double(row)])) * 0.01
      }
    }
    #expect(abs(integral - 1) < 1e-6)
  }

  @Test func aDensityIsThatOfItsFormula() throws {
    let mixture = try GaussianMixture(
      covariance: .full,
      components: [GaussianMixture.Component(weight: 1, mean: [1, 2], covariance: [2, 0.6, 0.6, 1])])
    // The inverse of the covariance is [[1, -0.6], [-0.6, 2]] / 1.64; the point is off by (0.5, -1).
    let distance = (0.25 + 2 * 0.6 * 0.5 + 2) / 1.64
    #expect(abs(mixture.logDensity([1.5, 1]) + log(2 * .pi) + 0.5 * log(1.64) + 0.5 * distance) < 1e-12)
    let diagonal = try GaussianMixture(
      covariance: .diagonal,
      components: [
        GaussianMixture.Component(weight: 0.25, mean: [0, 0], covariance: [1, 4]),
        GaussianMixture.Component(weight: 0.75, mean: [0, 0], covariance: [1, 4]),
      ])
    #expect(abs(diagonal.logDensity([1, 2]) + log(2 * .pi) + 0.5 * log(4) + 1) < 1e-12)
  }

  /// Nine codes are more than one vector of eight, and not two.
  @Test func manyDensitiesAreThoseOfEachPoint() throws {
    let mixture = try truth()
    let codes = mixture.sample(count: 9, seed: 8)
    let densities = try mixture.logDensities(of: codes)
    #expect(densities.count == 9)
    for (example, density) in densities.enumerated() {
      #expect(abs(mixture.logDensity(codes.row(example).map(Double.init)) - density) < 1e-12)
    }
  }

  /// Five standard errors of 20,000 draws.
  @Test func samplesHaveTheMixturesMoments() throws {
    let codes = try truth().sample(count: 20_000, seed: 5)
    let means = codes.columnMeans
    #expect(abs(means[0] - 0.5) < 5 * (6.1 / 20_000).squareRoot())
    #expect(abs(means[1] + 0.4) < 5 * (1.6 / 20_000).squareRoot())
    // Within: 0.3 * 0.5 + 0.7 * 1; between: 0.3 * 0.7 * 25.
    #expect(abs(codes.columnVariances[0] - (0.85 + 5.25)) < 0.2)
    let second = (0..<codes.count).filter { codes.values[2 * $0] > 0 }
    let covariance = second.reduce(0) {
      $0 + (Double(codes.values[2 * $1]) - 2) * (Double(codes.values[2 * $1 + 1]) + 1) / Double(second.count)
    }
    // A few draws of the second component are below 0 and missing.
    #expect(abs(covariance - 0.8) < 0.1)
    #expect(try truth().sample(count: 10, seed: 5).values == Array(codes.values.prefix(20)))
    #expect(try truth().sample(count: 10, seed: 6).values != Array(codes.values.prefix(20)))
  }

  @Test func aMixtureSurvivesItsJSON() throws {
    let codes = try truth().sample(count: 300, seed: 1)
    for covariance in GaussianMixture.Covariance.allCases {
      let mixture = try GaussianMixture.fit(codes, components: 3, covariance: covariance, seed: 1).mixture
      let copy = try JSONDecoder().decode(GaussianMixture.self, from: JSONEncoder().encode(mixture))
      #expect(copy == mixture)
      #expect(copy.logDensity([0.1, 0.2]) == mixture.logDensity([0.1, 0.2]))
    }
  }

  @Test(arguments: [
    #"{"covariance": "full", "components": []}"#,
    #"{"covariance": "full", "components": [{"weight": 1, "mean": [0, 0], "covariance": [1, 1]}]}"#,
    #"{"covariance": "diagonal", "components": [{"weight": 0.5, "mean": [0], "covariance": [1]}]}"#,
    #"{"covariance": "diagonal", "components": [{"weight": 1, "mean": [0], "covariance": [0]}]}"#,
    #"{"covariance": "full", "components": [{"weight": 1, "mean": [0, 0], "covariance": [1, 2, 2, 1]}]}"#,
  ])
  func whatIsNoMixtureIsRefused(json: String) {
    #expect(throws: LatentError.self) { try JSONDecoder().decode(GaussianMixture.self, from: Data(json.utf8)) }
  }

  @Test func fewerCodesThanComponentsAreRefused() {
    #expect(throws: LatentError.self) {
      try GaussianMixture.fit(CodeMatrix([1, 2, 3], width: 1), components: 4, seed: 0)
    }
    #expect(throws: LatentError.self) {
      try GaussianMixture.fit(CodeMatrix([1, .nan], width: 1), components: 1, seed: 0)
    }
  }

  /// Fewer different points than components, all on a line or one point: still a density.
  @Test(arguments: GaussianMixture.Covariance.allCases)
  func codesThatRepeatThemselvesCanBeFitted(covariance: GaussianMixture.Covariance) throws {
    let same = CodeMatrix(Array(repeating: 3, count: 20), width: 2)
    let line = CodeMatrix((0..<40).map { Float($0 / 2 % 3) }, width: 2)
    for codes in [same, line] {
      let fit = try GaussianMixture.fit(codes, components: 5, covariance: covariance, seed: 0)
      #expect(fit.logLikelihood.isFinite)
      #expect(try fit.mixture.logDensities(of: codes).allSatisfy { $0.isFinite })
      #expect(abs(fit.mixture.components.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
    }
  }

  /// Codes far from 0 lose nothing: the fit works about their mean.
  @Test func movingCodesMovesTheMixture() throws {
    let codes = try truth().sample(count: 1000, seed: 2)
    let moved = CodeMatrix(codes.values.map { $0 + 1024 }, width: 2)
    let (fit, movedFit) = try (
      GaussianMixture.fit(codes, components: 2, seed: 1), GaussianMixture.fit(moved, components: 2, seed: 1)
    )
    #expect(abs(fit.logLikelihood - movedFit.logLikelihood) < 1e-3)
    for (component, other) in zip(fit.mixture.components, movedFit.mixture.components) {
      #expect(abs(component.mean[0] + 1024 - other.mean[0]) < 1e-3)
    }
  }
}
