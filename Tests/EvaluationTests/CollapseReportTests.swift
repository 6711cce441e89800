import Foundation
import Latent
import Testing

@testable import LatentEvaluation

@Suite struct CollapseReportTests {
  /// Posteriors of which some latents have spread-out means and variance 1/4, the rest the prior's.
  private func posteriors(active: Int, of width: Int, spread: Float = 1) throws -> NormalPosteriors {
    let means = SyntheticCodes.normals(400 * width, seed: 9).enumerated().map { place, value in
      place % width < active ? value * spread : 0
    }
    let logVariances = means.indices.map { $0 % width < active && spread == 1 ? log(Float(0.25)) : 0 }
    return try NormalPosteriors(
      means: CodeMatrix(means, width: width), logVariances: CodeMatrix(logVariances, width: width))
  }

  /// Means -a and a in equal numbers have variance a^2 n / (n - 1).
  @Test func aLatentIsActiveAboveTheThresholdOnly() throws {
    let rows = (0..<100).map { index -> [Float] in
      let sign: Float = index % 2 == 0 ? 1 : -1
      return [sign * 0.0990, sign * 0.1001, 5, sign * 2]
    }
    let units = try ActiveUnits(posteriorMeans: CodeMatrix(rows: rows))
    #expect(units.isActive == [false, true, false, true])
    #expect(units.count == 2)
    #expect(abs(units.variances[3] - 4 * 100 / 99) < 1e-6)
    #expect(units.variances[2] == 0)
    #expect(try ActiveUnits(posteriorMeans: CodeMatrix(rows: rows), threshold: 0.005).count == 3)
  }

  @Test func oneExampleShowsNothing() throws {
    #expect(throws: LatentError.self) { try ActiveUnits(posteriorMeans: CodeMatrix(rows: [[1, 2]])) }
    #expect(throws: LatentError.self) {
      try NormalPosteriors(means: CodeMatrix(rows: [[1]]), logVariances: CodeMatrix(rows: [[0]]))
    }
  }

  @Test func ratesAreThoseOfTheClosedForm() throws {
    let posteriors = try NormalPosteriors(
      means: CodeMatrix(rows: [[0, 1], [0, 3]]), logVariances: CodeMatrix(rows: [[0, 0], [0, log(2)]]))
    let second = (0.5 * 1 + 0.5 * (9 + 2 - 1 - log(2.0))) / 2
    #expect(posteriors.rates[0] == 0)
    #expect(abs(posteriors.rates[1] - second) < 1e-6)
  }

  @Test(arguments: [
    (0, 10, CollapseReport.Verdict.collapsed), (1, 10, .collapsed), (2, 10, .collapsed), (3, 10, .partly),
    (9, 10, .partly), (10, 10, .none), (2, 2, .none), (1, 2, .partly), (0, 2, .collapsed), (1, 1, .none),
  ])
  func theVerdictFollowsTheActiveUnits(active: Int, width: Int, verdict: CollapseReport.Verdict) throws {
    let report = try CollapseReport(posteriors(active: active, of: width), rates: .standardNormal, draws: 200, seed: 1)
    #expect(report.activeCount == active)
    #expect(report.verdict == verdict)
    #expect(report.units.map { $0.isActive } == (0..<width).map { $0 < active })
    #expect(report.explanation.contains("\(active) of \(width) latents"))
    // Active: 1/2 (1 + 1/4 - 1 - log 1/4) nats each, from 400 squares of a standard deviation of sqrt(2).
    let rate = try #require(report.rate)
    #expect(abs(rate - Double(active) * 0.5 * (0.25 + log(4))) < 5 * (Double(active) / 800).squareRoot() + 1e-9)
  }

  /// Means whose variance is 0.02 are active, but five of them say 5 * 1/2 log(1.02) = 0.05 nats.
  @Test func activeUnitsThatSayNothingAreACollapse() throws {
    let report = try CollapseReport(
      posteriors(active: 5, of: 5, spread: Float(0.02).squareRoot()), rates: .standardNormal, seed: 1)
    #expect(report.activeCount == 5)
    #expect(report.mutualInformation.value < 0.1)
    #expect(report.verdict == .collapsed)
  }

  @Test func theSentenceSaysWhatTheVerdictRestsOn() throws {
    let report = try CollapseReport(posteriors(active: 0, of: 3), rates: .standardNormal, draws: 100, seed: 1)
    #expect(
      report.explanation == "The posterior has collapsed: 0 of 3 latents are active (variance of the posterior mean "
        + "above 0.01), and a code carries 0.00 nats about its example of at most 5.99.")
  }

  @Test func aReportSurvivesItsJSON() throws {
    let report = try CollapseReport(posteriors(active: 2, of: 3), rates: .standardNormal, draws: 100, seed: 1)
    #expect(try JSONDecoder().decode(CollapseReport.self, from: JSONEncoder().encode(report)) == report)
  }
}
