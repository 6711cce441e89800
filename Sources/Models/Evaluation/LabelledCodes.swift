import LatentDiagnostics

/// Codes beside the factors that their examples were made from: what a disentanglement metric looks at.
package struct LabelledCodes: Sendable, Equatable {
  /// The codes, one row for each example.
  package let codes: CodeMatrix
  /// The level of each factor for each example: `factors[example][factor]`, counted from 0.
  package let factors: [[Int]]
  /// The number of levels of each factor.
  package let factorSizes: [Int]

  /// Pairs codes with factors; there must be as many rows of either, and every level must be below its factor's size.
  ///
  /// - Throws: A `LatentError` when there are no examples, or a code is not a finite number.
  package init(codes: CodeMatrix, factors: [[Int]], factorSizes: [Int]) throws {
    require(codes.count == factors.count, "\(codes.count) codes do not go with \(factors.count) rows of factors")
    require(!factorSizes.isEmpty, "There are no factors")
    require(
      factors.allSatisfy { row in
        row.count == factorSizes.count && zip(row, factorSizes).allSatisfy { (0..<$1).contains($0) }
      }, "A row of factors does not fit the sizes \(factorSizes)")
    guard codes.count >= 1 else {
      throw LatentError.usage("There are no codes to evaluate", remedy: "Give at least one example")
    }
    try codes.checkFinite()
    self.codes = codes
    self.factors = factors
    self.factorSizes = factorSizes
  }

  /// One factor of every example.
  package func levels(of factor: Int) -> [Int] { factors.map { $0[factor] } }

  /// Some of the examples.
  func rows(_ examples: some Collection<Int>) throws -> LabelledCodes {
    try LabelledCodes(
      codes: CodeMatrix(examples.flatMap(codes.row), width: codes.width), factors: examples.map { factors[$0] },
      factorSizes: factorSizes)
  }
}
