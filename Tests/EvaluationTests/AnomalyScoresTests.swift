import LatentRandomness
import Testing

@testable import LatentEvaluation

@Suite struct AnomalyScoresTests {
  @Test func pValuesAreSharesOfHeldOutExamples() {
    let result = AnomalyScores([0, 2, 2.5, 9], heldOut: [1, 2, 3, 4])
    // Each is one more of the four.
    #expect(result.pValues == [1, 0.8, 0.6, 0.2])
    #expect(result.worstFirst == [3, 2, 1, 0])
    #expect(AnomalyScores([1, 2, 3, 4], heldOut: [1, 2, 3, 4], isAmongHeldOut: true).pValues == [1, 0.75, 0.5, 0.25])
  }

  @Test func pValuesOfExamplesLikeThoseHeldOutAreUniform() {
    var stream = RandomStream(seed: 3, name: "scores")
    let numbers = (0..<4000).map { _ in Double(stream.nextUniform()) }
    let result = AnomalyScores(Array(numbers.prefix(2000)), heldOut: Array(numbers.suffix(2000)))
    for level in [0.05, 0.2, 0.5] {
      let share = Double(result.pValues.count { $0 <= level }) / 2000
      // Three standard errors of both halves.
      #expect(abs(share - level) < 3 * (2 * level * (1 - level) / 2000).squareRoot())
    }
  }

  @Test func separationIsHowOftenAnomaliesAreWorse() throws {
    #expect(AnomalyScores.separation([1, 2, 3, 4], isAnomaly: [false, false, true, true]) == 1)
    #expect(AnomalyScores.separation([4, 3, 2, 1], isAnomaly: [false, false, true, true]) == 0)
    #expect(AnomalyScores.separation([1, 1, 1], isAnomaly: [false, true, false]) == 0.5)
    #expect(AnomalyScores.separation([1, 3, 2, 2], isAnomaly: [false, false, true, false]) == 0.5)
    #expect(AnomalyScores.separation([1, 2], isAnomaly: [true, true]) == nil)
  }
}
