import CLatentKernels
import Foundation
import Testing

private func mask(_ condition: Bool) -> Int32 { condition ? 1 : 0 }

private func bfloat16(_ x: Float) -> Float {
  if x.isNaN { return x }
  let bits = UInt64(x.bitPattern)
  let lower = bits & 0xFFFF_0000
  let remainder = bits - lower
  let up = remainder > 0x8000 || (remainder == 0x8000 && lower & 0x1_0000 != 0)
  return Float(bitPattern: UInt32(lower + (up ? 0x1_0000 : 0)))
}

private func larger(_ x: Float, _ y: Float) -> Float {
  if x.isNaN || y.isNaN { return .nan }
  if x == y { return x.sign == .minus ? y : x }
  return x > y ? x : y
}

private func smaller(_ x: Float, _ y: Float) -> Float { -larger(-x, -y) }

private func truncated(_ x: Float) -> Int32 {
  x.isNaN ? 0 : x >= 0x1p31 ? .max : x < -0x1p31 ? .min : Int32(x)
}

private func quotient(_ x: Int32, _ y: Int32) -> Int32 {
  y == 0 ? -1 : x.dividedReportingOverflow(by: y).partialValue
}

private func remainder(_ x: Int32, _ y: Int32) -> Int32 {
  y == 0 ? x : x.remainderReportingOverflow(dividingBy: y).partialValue
}

/// Kernels that have one right answer to the bit, each against one line of Swift, over all pairs of special values.
@Suite("Exact kernels")
struct ExactKernelTests {
  static let floats =
    specialFloats + (0..<1000).map { Float($0 - 500) * 0.37 }
    + stride(from: 0, to: UInt32.max - 99_991, by: 99_991).map(Float.init(bitPattern:))
  static let integers = specialIntegers + (0..<1000).map { Int32(truncatingIfNeeded: $0 &* 0x9E37_79B9) }

  func check<A, R: Equatable>(
    _ op: latent_opcode, _ values: [A], _ lane: (A) -> UInt32, _ result: (UInt32) -> R, _ expected: (A) -> R,
    same: (R, R) -> Bool
  ) throws {
    let results = try apply(op, count: values.count, values.map(lane)).map(result)
    for (x, y) in zip(values, results) where !same(y, expected(x)) {
      Issue.record("operation \(op.rawValue) of \(x) gives \(y), not \(expected(x))")
    }
  }

  @Test("Float functions of one operand")
  func floatUnary() throws {
    let rules: [(latent_opcode, (Float) -> Float)] = [
      (LATENT_OP_COPY, { $0 }), (LATENT_OP_NEGATE, { -$0 }), (LATENT_OP_ABS, { abs($0) }),
      (LATENT_OP_SIGN, { $0 == 0 || $0.isNaN ? $0 : $0 < 0 ? -1 : 1 }),
      (LATENT_OP_FLOOR, { $0.rounded(.down) }), (LATENT_OP_CEIL, { $0.rounded(.up) }),
      (LATENT_OP_ROUND, { $0.rounded(.toNearestOrEven) }), (LATENT_OP_ROUND_TO_BF16, bfloat16),
    ]
    for (op, rule) in rules {
      try check(op, Self.floats, \.bitPattern, Float.init(bitPattern:), rule, same: same)
    }
  }

  @Test("Float to integer or mask")
  func floatToInteger() throws {
    let rules: [(latent_opcode, (Float) -> Int32)] = [
      (LATENT_OP_IS_FINITE, { mask($0.isFinite) }), (LATENT_OP_F32_TO_I32, truncated),
      (LATENT_OP_F32_TO_MASK, { mask($0 != 0) }),
    ]
    for (op, rule) in rules {
      try check(op, Self.floats, \.bitPattern, Int32.init(bitPattern:), rule, same: ==)
    }
  }

  @Test("Integer functions of one operand")
  func integerUnary() throws {
    let rules: [(latent_opcode, (Int32) -> Int32)] = [
      (LATENT_OP_NEGATE_I32, { 0 &- $0 }), (LATENT_OP_ABS_I32, { $0 < 0 ? 0 &- $0 : $0 }),
      (LATENT_OP_SIGN_I32, { $0.signum() }), (LATENT_OP_NOT_I32, { ~$0 }), (LATENT_OP_I32_TO_MASK, { mask($0 != 0) }),
    ]
    for (op, rule) in rules {
      try check(op, Self.integers, UInt32.init(bitPattern:), Int32.init(bitPattern:), rule, same: ==)
    }
    try check(
      LATENT_OP_NOT_MASK, [0, 1], UInt32.init(bitPattern:), Int32.init(bitPattern:), { 1 - $0 }, same: ==)
    try check(
      LATENT_OP_I32_TO_F32, Self.integers, UInt32.init(bitPattern:), Float.init(bitPattern:), { Float($0) }, same: ==)
  }

  @Test("Float functions of two operands")
  func floatBinary() throws {
    let rules: [(latent_opcode, (Float, Float) -> Float)] = [
      (LATENT_OP_ADD, { $0 + $1 }), (LATENT_OP_SUBTRACT, { $0 - $1 }), (LATENT_OP_MULTIPLY, { $0 * $1 }),
      (LATENT_OP_DIVIDE, { $0 / $1 }), (LATENT_OP_MAXIMUM, larger), (LATENT_OP_MINIMUM, smaller),
      (LATENT_OP_REMAINDER, { $0.truncatingRemainder(dividingBy: $1) }),
    ]
    let (first, second) = pairs(specialFloats)
    for (op, rule) in rules {
      let results = try apply(op, first, second)
      for i in results.indices where !same(results[i], rule(first[i], second[i])) {
        Issue.record("operation \(op.rawValue) of \(first[i]), \(second[i]) gives \(results[i])")
      }
    }
  }

  @Test("Integer functions of two operands")
  func integerBinary() throws {
    let rules: [(latent_opcode, (Int32, Int32) -> Int32)] = [
      (LATENT_OP_ADD_I32, { $0 &+ $1 }), (LATENT_OP_SUBTRACT_I32, { $0 &- $1 }),
      (LATENT_OP_MULTIPLY_I32, { $0 &* $1 }), (LATENT_OP_DIVIDE_I32, quotient),
      (LATENT_OP_REMAINDER_I32, remainder), (LATENT_OP_MAXIMUM_I32, { max($0, $1) }),
      (LATENT_OP_MINIMUM_I32, { min($0, $1) }), (LATENT_OP_AND, { $0 & $1 }), (LATENT_OP_OR, { $0 | $1 }),
      (LATENT_OP_XOR, { $0 ^ $1 }), (LATENT_OP_EQ_I32, { mask($0 == $1) }), (LATENT_OP_NE_I32, { mask($0 != $1) }),
      (LATENT_OP_LT_I32, { mask($0 < $1) }), (LATENT_OP_LE_I32, { mask($0 <= $1) }),
      (LATENT_OP_GT_I32, { mask($0 > $1) }), (LATENT_OP_GE_I32, { mask($0 >= $1) }),
    ]
    let (first, second) = pairs(specialIntegers + Self.integers.suffix(40))
    for (op, rule) in rules {
      let results = try apply(
        op, count: first.count, first.map(UInt32.init(bitPattern:)), second.map(UInt32.init(bitPattern:)))
      for i in results.indices where Int32(bitPattern: results[i]) != rule(first[i], second[i]) {
        Issue.record("operation \(op.rawValue) of \(first[i]), \(second[i]) gives \(Int32(bitPattern: results[i]))")
      }
    }
  }

  @Test("Comparisons of floats are masks, and NaN compares as unequal")
  func floatCompare() throws {
    let rules: [(latent_opcode, (Float, Float) -> Bool)] = [
      (LATENT_OP_EQ_F32, { $0 == $1 }), (LATENT_OP_NE_F32, { $0 != $1 }), (LATENT_OP_LT_F32, { $0 < $1 }),
      (LATENT_OP_LE_F32, { $0 <= $1 }), (LATENT_OP_GT_F32, { $0 > $1 }), (LATENT_OP_GE_F32, { $0 >= $1 }),
    ]
    let (first, second) = pairs(specialFloats)
    for (op, rule) in rules {
      let results = try apply(op, count: first.count, first.map(\.bitPattern), second.map(\.bitPattern))
      for i in results.indices where results[i] != (rule(first[i], second[i]) ? 1 : 0) {
        Issue.record("operation \(op.rawValue) of \(first[i]), \(second[i]) gives \(results[i])")
      }
    }
  }

  @Test("Select takes lanes whole, whatever they hold")
  func select() throws {
    let (first, second) = pairs(specialFloats.map(\.bitPattern))
    let masks = first.indices.map { UInt32($0 % 2) }
    let results = try apply(LATENT_OP_SELECT, count: first.count, masks, first, second)
    #expect(results.indices.allSatisfy { results[$0] == (masks[$0] == 1 ? first[$0] : second[$0]) })
  }

  @Test("Multiply-add rounds once or twice, not otherwise")
  func multiplyAdd() throws {
    let (a, b) = pairs(specialFloats)
    for addend: Float in [0, 1, -3.25, 1e-7, .infinity, .nan] {
      let results = try apply(LATENT_OP_MULTIPLY_ADD, a, b, a.map { _ in addend })
      for i in results.indices {
        let fused = addend.addingProduct(a[i], b[i])
        let rounded = a[i] * b[i] + addend
        if !same(results[i], fused) && !same(results[i], rounded) {
          Issue.record("\(a[i]) * \(b[i]) + \(addend) gives \(results[i])")
        }
      }
    }
  }

  @Test("A product is subtracted with one rounding or two, not otherwise")
  func subtractProduct() throws {
    let (a, b) = pairs(specialFloats)
    for minuend: Float in [0, 1, -3.25, 1e-7, .infinity, .nan] {
      let results = try apply(LATENT_OP_SUBTRACT_PRODUCT, a, b, a.map { _ in minuend })
      for i in results.indices {
        let (fused, rounded) = (minuend.addingProduct(-a[i], b[i]), minuend - a[i] * b[i])
        if !same(results[i], fused) && !same(results[i], rounded) {
          Issue.record("\(minuend) - \(a[i]) * \(b[i]) gives \(results[i])")
        }
      }
    }
  }

  @Test("A quotient by a root is what its three parts give")
  func quotientByRoot() throws {
    let (a, b) = pairs(specialFloats)
    for addend: Float in [0, 1e-8, 2.5, .infinity, .nan] {
      let results = try apply(LATENT_OP_QUOTIENT_BY_ROOT, a, b, a.map { _ in addend })
      for i in results.indices where !same(results[i], a[i] / (b[i].squareRoot() + addend)) {
        Issue.record("\(a[i]) / (sqrt(\(b[i])) + \(addend)) gives \(results[i])")
      }
    }
  }
}
