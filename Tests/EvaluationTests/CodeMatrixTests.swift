import Latent
import Testing

@Suite struct CodeMatrixTests {
  @Test func rowsAndColumnsAreThoseOfTheMatrix() {
    let codes = CodeMatrix(rows: [[1, 2, 3], [4, 5, 6]])
    #expect(codes == CodeMatrix([1, 2, 3, 4, 5, 6], width: 3))
    #expect(codes.count == 2)
    #expect(Array(codes.row(1)) == [4, 5, 6])
    #expect(codes.column(2) == [3, 6])
  }

  @Test(arguments: [Float.nan, .infinity]) func codesThatAreNotNumbersAreRefusedByPlace(value: Float) throws {
    let codes = CodeMatrix(rows: [[1, 2], [3, value]])
    let error = #expect(throws: LatentError.self) {
      try LabelledCodes(codes: codes, factors: [[0], [1]], factorSizes: [2])
    }
    #expect(error?.problem.hasPrefix("Latent 1 of example 1 is \(value)") == true)
    let source = AnyFactorSource(factorSizes: [2, 2]) { CodeMatrix(rows: $0.map { _ in [value] }) }
    #expect(throws: LatentError.self) { try Disentanglement.betaVAEScore(of: source, seed: 0) }
    #expect(throws: LatentError.self) { try Disentanglement.factorVAEScore(of: source, seed: 0) }
  }

  @Test func noExamplesAreRefused() {
    #expect(throws: LatentError.self) {
      try LabelledCodes(codes: CodeMatrix([], width: 2), factors: [], factorSizes: [2])
    }
  }

  @Test func drawsDependOnSeedAndStreamOnlyAndGrowAtTheEnd() throws {
    let source = SyntheticCodes.perfect
    let few = try source.labelledCodes(count: 1100, seed: 1, stream: "a")
    let many = try source.labelledCodes(count: 2100, seed: 1, stream: "a")
    #expect(Array(many.factors.prefix(1100)) == few.factors)
    #expect(Array(many.codes.values.prefix(few.codes.values.count)) == few.codes.values)
    #expect(try source.labelledCodes(count: 1100, seed: 1, stream: "b").factors != few.factors)
    #expect(try source.labelledCodes(count: 1100, seed: 2, stream: "a").factors != few.factors)
  }

  /// Each level's count is within five standard deviations of its expectation.
  @Test func everyLevelIsDrawnEquallyOften() throws {
    let examples = try SyntheticCodes.perfect.labelledCodes(count: 20_000, seed: 1, stream: "a")
    for (factor, size) in examples.factorSizes.enumerated() {
      let levels = examples.levels(of: factor)
      let expected = 20_000 / Double(size)
      for level in 0..<size {
        let count = Double(levels.count { $0 == level })
        #expect(abs(count - expected) < 5 * (expected * (1 - 1 / Double(size))).squareRoot())
      }
    }
  }
}
