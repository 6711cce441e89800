import LatentDiagnostics
import LatentRandomness

/// Something that makes an example of any combination of factors and encodes it: what a metric draws its examples from.
///
/// An encoder over `Sprites` is one: its codes are the posterior means of the pictures that are drawn from the rows.
package protocol FactorSource {
  /// The number of levels of each factor, every one at least 1.
  var factorSizes: [Int] { get }

  /// The codes of one example for each row of factors; `factors[example][factor]` is a level counted from 0.
  ///
  /// Every call must return codes of the same width. A metric asks for about a thousand at a time.
  func codes(for factors: [[Int]]) throws -> CodeMatrix
}

extension FactorSource {
  /// Draws examples whose factors are independent and every level equally likely.
  ///
  /// - Parameters:
  ///   - count: The number of examples, at least 1.
  ///   - seed: The same seed and stream give the same factors, and more of them begin with the same.
  ///   - stream: The name of the draw, so that training and test examples differ under one seed.
  /// - Throws: What the source throws, and a `LatentError` when a code is not a finite number.
  package func labelledCodes(count: Int, seed: UInt64, stream: String) throws -> LabelledCodes {
    require(count >= 1, "A draw has at least one example")
    var random = RandomStream(seed: seed, name: "evaluation \(stream)")
    let factors = (0..<count).map { _ in randomFactors(&random) }
    var values: [Float] = []
    var width = 1
    for start in stride(from: 0, to: count, by: Self.rowsAtOnce) {
      let codes = try checkedCodes(for: Array(factors[start..<min(start + Self.rowsAtOnce, count)]))
      require(start == 0 || codes.width == width, "The source changed the width of its codes")
      width = codes.width
      values += codes.values
    }
    return try LabelledCodes(codes: CodeMatrix(values, width: width), factors: factors, factorSizes: factorSizes)
  }

  /// About how many examples are encoded by one call.
  static var rowsAtOnce: Int { 1024 }

  /// One level of each factor, all equally likely.
  func randomFactors(_ random: inout RandomStream) -> [Int] { factorSizes.map { random.nextIndex(below: $0) } }

  /// The codes of some factors, checked.
  func checkedCodes(for factors: [[Int]]) throws -> CodeMatrix {
    let codes = try codes(for: factors)
    require(codes.count == factors.count, "A source made \(codes.count) codes of \(factors.count) rows of factors")
    try codes.checkFinite()
    return codes
  }
}
