import Foundation
import Latent

/// Codes whose disentanglement is known.
enum SyntheticCodes {
  /// Four factors of few levels.
  static let sizes = [3, 5, 4, 2]

  /// One latent for each factor, in another order and scale, and two that are constant.
  static var perfect: AnyFactorSource {
    AnyFactorSource(factorSizes: sizes) { rows in
      CodeMatrix(
        rows: rows.map { row in
          [0.3, Float(row[2]) * 0.5 - 1, Float(row[0]) - 1, -2 * Float(row[3]), Float(row[1]), -1]
        })
    }
  }

  /// The latents of `perfect`, backwards.
  static var reversed: AnyFactorSource {
    AnyFactorSource(factorSizes: sizes) { rows in
      let codes = try perfect.codes(for: rows)
      return CodeMatrix(rows: (0..<codes.count).map { codes.row($0).reversed() })
    }
  }

  /// Two factors of as many levels, each in both latents: the perfect code turned by an angle in radians.
  static func turned(by angle: Float) -> AnyFactorSource {
    AnyFactorSource(factorSizes: [8, 8]) { rows in
      CodeMatrix(
        rows: rows.map { row in
          let (a, b) = (Float(row[0]) - 3.5, Float(row[1]) - 3.5)
          return [cos(angle) * a - sin(angle) * b, sin(angle) * a + cos(angle) * b]
        })
    }
  }

  /// Three latents of noise that have nothing to do with the factors, all of as many levels.
  static func noise() -> AnyFactorSource {
    let calls = Counter()
    return AnyFactorSource(factorSizes: [4, 4, 4, 4]) { rows in
      calls.value += 1
      return CodeMatrix(normals(rows.count * 3, seed: 5, step: calls.value), width: 3)
    }
  }

  /// Standard normal numbers.
  static func normals(_ count: Int, seed: UInt64, step: UInt64 = 0) -> [Float] {
    let generator = Philox4x32(seed: seed)
    return (0..<(count + 3) / 4).flatMap { index in
      let block = generator.normals(UInt32(index), stream: 77, step: step)
      return (0..<4).map { Float(block[$0]) }
    }.prefix(count).map { $0 }
  }

  /// Counts the calls of a closure.
  private final class Counter {
    var value: UInt64 = 0
  }

  /// Training and test examples of a source.
  static func split(
    _ source: some FactorSource, training: Int = 3000, test: Int = 1500
  ) throws -> (training: LabelledCodes, test: LabelledCodes) {
    (
      try source.labelledCodes(count: training, seed: 3, stream: "training"),
      try source.labelledCodes(count: test, seed: 3, stream: "test")
    )
  }
}

/// A factor source that calls a closure.
struct AnyFactorSource: FactorSource {
  /// The number of levels of each factor.
  let factorSizes: [Int]
  private let encode: ([[Int]]) throws -> CodeMatrix

  /// Creates a source whose codes come from a closure that takes rows of factors.
  init(factorSizes: [Int], encode: @escaping ([[Int]]) throws -> CodeMatrix) {
    self.factorSizes = factorSizes
    self.encode = encode
  }

  /// The codes that the closure gives for the factors, one row for each of them.
  func codes(for factors: [[Int]]) throws -> CodeMatrix { try encode(factors) }
}
