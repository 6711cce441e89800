import LatentDiagnostics

/// The factors of the examples of a data set, as levels.
package struct FactorTable: Sendable, Equatable {
  /// The level of each factor for each example: `factors[example][factor]`, counted from 0.
  package let factors: [[Int]]
  /// The number of levels of each factor.
  package let factorSizes: [Int]

  /// The most levels that a factor may have: above it, it is a quantity that should be cut into levels first.
  static let mostLevels = 1000

  /// Numbers the values of each factor, in their order. What is the same in all examples is no factor, and is left out.
  ///
  /// - Parameter rows: the factors of each example, one row after another, `width` numbers each.
  /// - Throws: A `LatentError` when nothing differs, a value is not a finite number or too large to be told from its
  ///   neighbours, or a factor has more values than can be levels.
  package init(_ rows: [Float], width: Int) throws {
    let columns = (0..<width).map { factor in stride(from: factor, to: rows.count, by: width).map { rows[$0] } }
    var levels: [[Float: Int]] = []
    for (factor, column) in columns.enumerated() {
      let values = Set(column).sorted()
      guard column.allSatisfy({ abs($0) <= 0x1p24 }), values.count <= Self.mostLevels else {
        throw LatentError.usage(
          "Factor \(factor) has \(values.count) values, or some that are no numbers up to 2^24",
          remedy: "Number the levels of each factor from 0, at most \(Self.mostLevels) of them")
      }
      levels.append(Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) }))
    }
    let kept = levels.indices.filter { levels[$0].count > 1 }
    guard !kept.isEmpty else {
      throw LatentError.usage(
        "The factors are the same in all examples", remedy: "Give examples that differ in at least one factor")
    }
    factorSizes = kept.map { levels[$0].count }
    factors = (0..<(rows.count / width)).map { example in
      kept.map { levels[$0][rows[example * width + $0]] ?? 0 }
    }
  }

  /// The example of every combination of levels, if each is there once, as in dSprites; else `nil`.
  package var examplesByFactors: [[Int]: Int]? {
    let combinations = factorSizes.reduce(1.0) { $0 * Double($1) }
    guard combinations == Double(factors.count) else { return nil }
    let places = Dictionary(factors.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return places.count == factors.count ? places : nil
  }
}
