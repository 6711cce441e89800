import CLatentKernels
import Foundation
import Testing

extension latent_opcode: @retroactive CustomTestStringConvertible {
  /// How a test shows its argument.
  public var testDescription: String { "operation \(rawValue)" }

  /// Every operation there is.
  static var all: [latent_opcode] { (0..<LATENT_OP_COUNT.rawValue).map { latent_opcode(rawValue: $0) } }

  var operandCount: Int { Int(latent_opcode_operand_count(self)) }
}

/// What a lane that no kernel may write holds.
private let untouched: UInt32 = 0xDEAD_BEEF

/// Runs the kernel of an operation on lanes given as bit patterns, and checks that it writes its n lanes only.
func apply(
  _ op: latent_opcode, count: Int, scalars: UInt32 = 0, _ a: [UInt32], _ b: [UInt32] = [], _ c: [UInt32] = []
) throws -> [UInt32] {
  let kernel = try #require(latent_kernel_for(op, scalars))
  var result = [UInt32](repeating: untouched, count: count + 40)
  kernel(count, a, b, c, &result)
  #expect(result[count...].allSatisfy { $0 == untouched })
  return Array(result[..<count])
}

/// Runs a float operation on vectors.
func apply(_ op: latent_opcode, _ a: [Float], _ b: [Float] = [], _ c: [Float] = []) throws -> [Float] {
  try apply(op, count: a.count, a.map(\.bitPattern), b.map(\.bitPattern), c.map(\.bitPattern))
    .map(Float.init(bitPattern:))
}

/// Floats that are easy to get wrong.
let specialFloats: [Float] = [
  0, -0.0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 2, -2, 3, -3, 1e-3, 0x1p-24, -0x1p-24, 0x1p23, 0x1.000002p23,
  0x1p24, -0x1p24, 0x1.fffffep23, 0x1p31, -0x1p31, -0x1.000002p31, 1e10, -1e10, .leastNonzeroMagnitude,
  -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity,
  -.infinity, .nan,
]

/// Integers that are easy to get wrong.
let specialIntegers: [Int32] = [
  0, 1, -1, 2, -2, 3, -3, 7, -7, 10, 255, 65535, -65536, 1 << 24, (1 << 24) + 1, 46341, -46341, .max, .max - 1, .min,
  .min + 1,
]

/// Every pair of two lists' elements, as two columns.
func pairs<T>(_ values: [T]) -> (first: [T], second: [T]) {
  (values.flatMap { x in values.map { _ in x } }, values.flatMap { _ in values })
}

/// The distance of a float from the true value, in units of the last place of the true value as a float.
func unitsInLastPlace(_ value: Float, from truth: Double) -> Double {
  if truth.isNaN || value.isNaN { return truth.isNaN && value.isNaN ? 0 : .infinity }
  if value == Float(truth) { return 0 }
  if value.isInfinite || Float(truth).isInfinite {
    let other = value.isInfinite ? truth : Double(value)
    return abs(other) > Double(Float.greatestFiniteMagnitude) * (1 - 0x1p-22) ? 1 : .infinity
  }
  return abs(Double(value) - truth) / Double(Float(abs(truth)).ulp)
}

/// Whether two floats are the same value, NaN being the same as NaN and zeros of different sign not being the same.
func same(_ a: Float, _ b: Float) -> Bool {
  (a.isNaN && b.isNaN) || a.bitPattern == b.bitPattern
}
