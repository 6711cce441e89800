import Foundation
import Latent
import Testing

@testable import LatentEvaluation

/// Scores of codes whose disentanglement is known.
@Suite struct DisentanglementTests {
  private func betaVAE(_ source: any FactorSource, _ seed: UInt64 = 0) throws -> Double {
    try Disentanglement.betaVAEScore(of: source, seed: seed, pairs: 32, training: 600, test: 600)
  }

  private func factorVAE(_ source: any FactorSource, _ seed: UInt64 = 0) throws -> Double {
    try Disentanglement.factorVAEScore(
      of: source, seed: seed, batchSize: 32, training: 600, test: 600, varianceExamples: 2000)
  }

  @Test func aPerfectCodeHasEveryHighestScore() throws {
    let source = SyntheticCodes.perfect
    let (training, test) = try SyntheticCodes.split(source)
    // What is missing from 1 is the information of 3000 examples of independent factors, about 12 / 6000 nats, over 1.
    #expect(try Disentanglement.mutualInformationGap(training) > 0.99)
    // Two of the six latents know nothing and count 0.
    #expect(Disentanglement.modularity(training) > 0.99 * 4 / 6)
    #expect(try betaVAE(source) > 0.99)
    #expect(try factorVAE(source) == 1)
    let dci = Disentanglement.dciScore(training: training, test: test)
    #expect(dci.disentanglement > 0.99)
    #expect(dci.completeness > 0.99)
    #expect(dci.informativeness == 1)
  }

  /// The best latent is always right; the second is right for one level in each factor.
  @Test func aPerfectCodeHasTheHighestSeparation() throws {
    let (training, test) = try SyntheticCodes.split(SyntheticCodes.perfect)
    let highest = SyntheticCodes.sizes.reduce(0) { $0 + 1 - 1 / Double($1) } / 4
    let score = try Disentanglement.sapScore(training: training, test: test, classifier: .intervals)
    // Chance adds to the second best: the best cuts through noise score above 1 / L on the test examples at times.
    #expect(abs(score - highest) < 0.04)
  }

  /// The middle one of three lines wins between the others only where they are below it.
  @Test func supportVectorMachinesSeparateThreeLevels() throws {
    let source = AnyFactorSource(factorSizes: [2, 3]) { rows in
      CodeMatrix(rows: rows.map { [Float($0[0]) - 0.5, Float($0[1]) - 1] })
    }
    let (training, test) = try SyntheticCodes.split(source)
    let score = try Disentanglement.sapScore(training: training, test: test)
    #expect(abs(score - (0.5 + 2.0 / 3) / 2) < 0.04)
  }

  @Test func noiseScoresByChance() throws {
    let source = SyntheticCodes.noise()
    let (training, test) = try SyntheticCodes.split(source)
    #expect(try Disentanglement.mutualInformationGap(training) < 0.01)
    #expect(try abs(Disentanglement.sapScore(training: training, test: test)) < 0.04)
    #expect(try Disentanglement.sapScore(training: training, test: test, classifier: .intervals) < 0.04)
    // Five standard deviations of a share of 600 are 0.09, for one of the votes' 3 latents chosen among 4 factors.
    #expect(try abs(betaVAE(source) - 0.25) < 0.09)
    #expect(try abs(factorVAE(source) - 0.25) < 0.09)
    let dci = Disentanglement.dciScore(training: training, test: test)
    #expect(dci.disentanglement < 0.05)
    #expect(dci.completeness < 0.05)
    #expect(abs(dci.informativeness - 0.25) < 0.04)
  }

  @Test func turningACodeLosesItsGapAndItsDisentanglement() throws {
    let (straight, straightTest) = try SyntheticCodes.split(SyntheticCodes.turned(by: 0))
    let (turned, turnedTest) = try SyntheticCodes.split(SyntheticCodes.turned(by: .pi / 4))
    #expect(try Disentanglement.mutualInformationGap(straight) > 0.98)
    #expect(try Disentanglement.mutualInformationGap(turned) < 0.02)
    #expect(Disentanglement.modularity(straight) > 0.99)
    #expect(Disentanglement.modularity(turned) < 0.1)
    let dci = Disentanglement.dciScore(training: straight, test: straightTest)
    let turnedDCI = Disentanglement.dciScore(training: turned, test: turnedTest)
    #expect(dci.disentanglement > 0.99)
    #expect(turnedDCI.disentanglement < 0.2)
    #expect(turnedDCI.completeness < 0.2)
  }

  @Test func theOrderOfLatentsDoesNotMatter() throws {
    let (training, test) = try SyntheticCodes.split(SyntheticCodes.perfect, training: 1000, test: 500)
    let (other, otherTest) = try SyntheticCodes.split(SyntheticCodes.reversed, training: 1000, test: 500)
    #expect(
      try abs(Disentanglement.mutualInformationGap(training) - Disentanglement.mutualInformationGap(other)) < 1e-12)
    #expect(abs(Disentanglement.modularity(training) - Disentanglement.modularity(other)) < 1e-12)
    #expect(try betaVAE(SyntheticCodes.perfect) == betaVAE(SyntheticCodes.reversed))
    #expect(try factorVAE(SyntheticCodes.perfect) == factorVAE(SyntheticCodes.reversed))
    for classifier in OneLatentClassifier.allCases {
      let scores = try [(training, test), (other, otherTest)].map {
        try Disentanglement.sapScore(training: $0.0, test: $0.1, classifier: classifier)
      }
      #expect(abs(scores[0] - scores[1]) < 1e-12)
    }
    let dci = Disentanglement.dciScore(training: training, test: test)
    let otherDCI = Disentanglement.dciScore(training: other, test: otherTest)
    #expect(abs(dci.disentanglement - otherDCI.disentanglement) < 1e-9)
    #expect(abs(dci.completeness - otherDCI.completeness) < 1e-9)
  }

  /// Equal questions that go to the first latent would favour it: in small nodes every latent tells as much as any.
  @Test func theOrderOfLatentsMattersLittleToTreesInNoise() throws {
    func score(_ order: [Int]) throws -> Disentanglement.DCIScore {
      let noise = SyntheticCodes.normals(8000, seed: 12)
      let rows = (0..<2000).map { [$0 % 10, $0 / 10 % 10] }
      let codes = rows.enumerated().map { example, row in
        let all = (0..<4).map { latent -> Float in
          let signal = latent < 2 ? Float(row[latent]) : 0
          return 2 * noise[4 * example + latent] + signal
        }
        return order.map { all[$0] }
      }
      let examples = try LabelledCodes(codes: CodeMatrix(rows: codes), factors: rows, factorSizes: [10, 10])
      return Disentanglement.dciScore(training: examples, test: examples)
    }
    let (straight, turned) = try (score([0, 1, 2, 3]), score([3, 2, 1, 0]))
    for (row, other) in zip(straight.importances, turned.importances.reversed()) {
      for (importance, otherImportance) in zip(row, other) { #expect(abs(importance - otherImportance) < 0.02) }
    }
  }

  @Test func theSameSeedGivesTheSameScore() throws {
    let source = SyntheticCodes.turned(by: 0.5)
    #expect(try betaVAE(source, 1) == betaVAE(source, 1))
    #expect(try factorVAE(source, 1) == factorVAE(source, 1))
    let noisy = SyntheticCodes.turned(by: .pi / 4)
    #expect(try factorVAE(noisy, 1) != factorVAE(noisy, 2))
  }

  /// Two values for two levels in equal numbers: the code knows the factor, whose entropy is log 2.
  @Test func mutualInformationOfACopyIsTheEntropy() throws {
    let rows = (0..<40).map { [$0 % 2, $0 / 2 % 2] }
    let examples = try LabelledCodes(
      codes: CodeMatrix(rows: rows.map { [Float($0[0]), 7] }), factors: rows, factorSizes: [2, 2])
    let information = Disentanglement.mutualInformation(examples)
    #expect(abs(information[0][0] - log(2)) < 1e-12)
    #expect(abs(information[0][1]) < 1e-12)
    #expect(information[1] == [0, 0])
    #expect(try abs(Disentanglement.mutualInformationGap(examples) - 0.5) < 1e-12)
    #expect(Disentanglement.modularity(examples) == 0.5)
  }

  @Test func binsAreEquallyWideAndTheGreatestValueIsInTheLast() {
    #expect(Disentanglement.binned([0, 1, 2, 3, 4], bins: 2) == [0, 0, 1, 1, 1])
    #expect(Disentanglement.binned([5, 5], bins: 20) == [0, 0])
  }

  @Test func deadLatentsTakeNoPartInVotes() throws {
    let dead = AnyFactorSource(factorSizes: [3, 3]) { rows in CodeMatrix(rows: rows.map { [0.001 * Float($0[0]), 1] }) }
    #expect(try factorVAE(dead) == 0)
    #expect(
      try Disentanglement.factorVAEScore(
        of: dead, seed: 0, batchSize: 16, training: 200, test: 200, varianceExamples: 500, leastDeviation: 0) < 1)
  }

  /// Noise leaves a hundredth of the variance where the factor is fixed, of a latent that is wide and of one that is not.
  @Test func votesDoNotDependOnTheScaleOfALatent() throws {
    let source = AnyFactorSource(factorSizes: [10, 10]) { rows in
      let noise = SyntheticCodes.normals(2 * rows.count, seed: 6)
      return CodeMatrix(
        rows: rows.enumerated().map { example, row in
          [100 * (Float(row[0]) + 0.3 * noise[2 * example]), Float(row[1]) + 0.3 * noise[2 * example + 1]]
        })
    }
    #expect(try factorVAE(source) == 1)
  }

  @Test func constantFactorsAndSingleLatentsAreRefused() throws {
    let one = try LabelledCodes(codes: CodeMatrix(rows: [[1], [2]]), factors: [[0], [0]], factorSizes: [1])
    #expect(throws: LatentError.self) { try Disentanglement.mutualInformationGap(one) }
    #expect(throws: LatentError.self) { try Disentanglement.sapScore(training: one, test: one) }
  }

  /// Two rows of one share each; two rows of equal shares; one of each with weights 3 and 1.
  @Test func concentrationIsWeighted() {
    #expect(abs(Disentanglement.concentration([[1, 0], [0, 1]]) - 1) < 1e-12)
    #expect(abs(Disentanglement.concentration([[1, 1], [0.5, 0.5]])) < 1e-12)
    #expect(abs(Disentanglement.concentration([[3, 0], [0.5, 0.5]]) - 0.75) < 1e-12)
    #expect(Disentanglement.concentration([[0, 0]]) == 0)
  }
}
