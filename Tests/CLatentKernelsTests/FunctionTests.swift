import CLatentKernels
import Foundation
import Testing

/// One float function: its kernel, its definition in double precision, how close it must be, and values it must hit.
struct FloatFunction: Sendable, CustomTestStringConvertible {
  var name: String
  var op: latent_opcode
  var tolerance: Double
  var exact: [(Float, Float)]
  var reference: @Sendable (Double) -> Double
  /// Arguments beyond this magnitude are left out of the comparison.
  var limit: Double = .infinity

  var testDescription: String { name }

  static let all: [FloatFunction] = [
    FloatFunction(
      name: "sqrt", op: LATENT_OP_SQRT, tolerance: 0.5,
      exact: [(-0.0, -0.0), (-1, .nan), (.infinity, .infinity), (4, 2)], reference: { $0.squareRoot() }),
    FloatFunction(
      name: "rsqrt", op: LATENT_OP_RSQRT, tolerance: 1.51,
      exact: [(0, .infinity), (-0.0, -.infinity), (-1, .nan), (.infinity, 0), (4, 0.5)],
      reference: { 1 / $0.squareRoot() }),
    FloatFunction(
      name: "exp", op: LATENT_OP_EXP, tolerance: 1.2,
      exact: [
        (0, 1), (-0.0, 1), (.infinity, .infinity), (-.infinity, 0), (89, .infinity), (1e30, .infinity), (-104, 0),
        (-1e30, 0), (-103.2789, .leastNonzeroMagnitude),
      ], reference: { exp($0) }),
    FloatFunction(
      name: "expm1", op: LATENT_OP_EXPM1, tolerance: 1.8,
      exact: [
        (0, 0), (-0.0, -0.0), (1e-30, 1e-30), (.leastNonzeroMagnitude, .leastNonzeroMagnitude), (-30, -1),
        (-.infinity, -1), (.infinity, .infinity), (89, .infinity),
      ], reference: { expm1($0) }),
    FloatFunction(
      name: "log", op: LATENT_OP_LOG, tolerance: 1,
      exact: [(0, -.infinity), (-0.0, -.infinity), (-1, .nan), (-.infinity, .nan), (.infinity, .infinity), (1, 0)],
      reference: { log($0) }),
    FloatFunction(
      name: "log1p", op: LATENT_OP_LOG1P, tolerance: 1.8,
      exact: [
        (0, 0), (-0.0, -0.0), (-1, -.infinity), (-1.5, .nan), (-.infinity, .nan), (.infinity, .infinity),
        (1e-30, 1e-30), (.leastNonzeroMagnitude, .leastNonzeroMagnitude),
      ], reference: { log1p($0) }),
    FloatFunction(
      name: "tanh", op: LATENT_OP_TANH, tolerance: 3,
      exact: [
        (0, 0), (-0.0, -0.0), (10, 1), (-10, -1), (.infinity, 1), (-.infinity, -1), (1e30, 1), (1e-30, 1e-30),
      ], reference: { tanh($0) }),
    FloatFunction(
      name: "logistic", op: LATENT_OP_LOGISTIC, tolerance: 2.5,
      exact: [(0, 0.5), (.infinity, 1), (-.infinity, 0), (200, 1), (-200, 0), (-103, .leastNonzeroMagnitude)],
      reference: { 1 / (1 + exp(-$0)) }),
    FloatFunction(
      name: "softplus", op: LATENT_OP_SOFTPLUS, tolerance: 2.5,
      exact: [(.infinity, .infinity), (-.infinity, 0), (200, 200), (-200, 0), (1e30, 1e30)],
      reference: { max($0, 0) + log1p(exp(-abs($0))) }),
    FloatFunction(
      name: "erf", op: LATENT_OP_ERF, tolerance: 1.5,
      exact: [(0, 0), (-0.0, -0.0), (4, 1), (-4, -1), (.infinity, 1), (-.infinity, -1), (1e30, 1)],
      reference: { erf($0) }),
    FloatFunction(
      name: "sine", op: LATENT_OP_SINE, tolerance: 2,
      exact: [(0, 0), (-0.0, -0.0), (.infinity, .nan), (-.infinity, .nan), (1e-30, 1e-30)],
      reference: { sin($0) }, limit: 1e6),
    FloatFunction(
      name: "cosine", op: LATENT_OP_COSINE, tolerance: 2,
      exact: [(0, 1), (-0.0, 1), (.infinity, .nan), (-.infinity, .nan)],
      reference: { cos($0) }, limit: 1e6),
  ]
}

@Suite("Float functions")
struct FunctionTests {
  /// Floats of every size, and a fine grid where the functions bend.
  static let sweep: [Float] =
    stride(from: 0, through: UInt32.max - 8191, by: 8191).map(Float.init(bitPattern:))
    + stride(from: Float(-110), through: 110, by: 0x1p-8) + stride(from: Float(-2), through: 2, by: 0x1.8p-14)
    + specialFloats

  @Test("A function is as close to its double-precision definition as it promises", arguments: FloatFunction.all)
  func accuracy(function: FloatFunction) throws {
    let arguments = Self.sweep.filter { $0.isNaN || $0.isInfinite || abs(Double($0)) <= function.limit }
    let results = try apply(function.op, arguments)
    var worst = (error: 0.0, argument: Float(0), result: Float(0))
    for (x, y) in zip(arguments, results) {
      let error = unitsInLastPlace(y, from: function.reference(Double(x)))
      if error > worst.error { worst = (error, x, y) }
    }
    #expect(worst.error <= function.tolerance, "\(function.name)(\(worst.argument)) gives \(worst.result)")
  }

  @Test("A function hits its special values and keeps NaN", arguments: FloatFunction.all)
  func specialValues(function: FloatFunction) throws {
    let results = try apply(function.op, function.exact.map(\.0) + [.nan, -.nan])
    for ((x, expected), y) in zip(function.exact + [(.nan, .nan), (-.nan, .nan)], results) {
      #expect(same(y, expected), "\(function.name)(\(x)) gives \(y), not \(expected)")
    }
  }

  @Test("Tails that a careless formula loses keep their relative accuracy")
  func tails() throws {
    let tails: [(latent_opcode, Float, Double)] = [
      (LATENT_OP_SOFTPLUS, -80, exp(-80.0)), (LATENT_OP_LOGISTIC, -80, exp(-80.0)),
      (LATENT_OP_LOGISTIC, -100, exp(-100.0)),
      (LATENT_OP_EXP, -100, exp(-100.0)), (LATENT_OP_LOG, 0x1.8p-147, log(0x1.8p-147)),
      (LATENT_OP_EXPM1, 1e-6, expm1(Double(Float(1e-6)))), (LATENT_OP_LOG1P, 1e-6, log1p(Double(Float(1e-6)))),
    ]
    for (op, x, truth) in tails {
      let result = try apply(op, [x])
      #expect(unitsInLastPlace(result[0], from: truth) <= 2, "operation \(op.rawValue) of \(x)")
    }
  }

  @Test("Sine and cosine of any finite number stay within [-1, 1]")
  func bounded() throws {
    let arguments = Self.sweep.filter(\.isFinite)
    for op in [LATENT_OP_SINE, LATENT_OP_COSINE] {
      #expect(try apply(op, arguments).allSatisfy { abs($0) <= 1 })
    }
  }
}

@Suite("Angles")
struct AngleTests {
  @Test("The angle of a point is within three units of double precision in every quadrant")
  func accuracy() throws {
    var first: [Float] = []
    var second: [Float] = []
    for i in 0..<600 {
      for j in 0..<40 {
        let size = Float(exp((Double(j) - 20) * 1.7))
        first.append(Float(sin(Double(i) * 0.010_47)) * size)
        second.append(Float(cos(Double(i) * 0.010_47)) * size * (i % 2 == 0 ? 1 : 1e-3))
      }
    }
    let results = try apply(LATENT_OP_ARCTANGENT2, first, second)
    let errors = results.indices.map {
      unitsInLastPlace(results[$0], from: atan2(Double(first[$0]), Double(second[$0])))
    }
    #expect((errors.max() ?? .infinity) <= 2.5)
  }

  @Test("Special angles are those of C's atan2")
  func specialValues() throws {
    let (first, second) = pairs(specialFloats)
    let results = try apply(LATENT_OP_ARCTANGENT2, first, second)
    for i in results.indices {
      let truth = atan2(Double(first[i]), Double(second[i]))
      let right = unitsInLastPlace(results[i], from: truth) <= 3 && (truth.isNaN || results[i].sign == truth.sign)
      if !right { Issue.record("atan2(\(first[i]), \(second[i])) gives \(results[i]), not \(truth)") }
    }
  }
}

@Suite("Powers")
struct PowerTests {
  @Test("Ordinary powers are within two units of double precision")
  func accuracy() throws {
    var bases: [Float] = []
    var exponents: [Float] = []
    for i in 0..<400 {
      for j in 0..<200 {
        bases.append(Float(exp((Double(i) - 200) * (j % 2 == 0 ? 0.43 : 0.01))))
        exponents.append((Float(j) - 100) * (i % 3 == 0 ? 0.75 : 0.03125))
      }
    }
    bases += (0..<200).map { -1.25 - Float($0) * 0.01 }
    exponents += (0..<200).map { Float($0 - 100) }
    let results = try apply(LATENT_OP_POWER, bases, exponents)
    for i in results.indices {
      let error = unitsInLastPlace(results[i], from: pow(Double(bases[i]), Double(exponents[i])))
      if error > 2 { Issue.record("pow(\(bases[i]), \(exponents[i])) gives \(results[i])") }
    }
  }

  @Test("Special powers are those of C's pow")
  func specialValues() throws {
    let (bases, exponents) = pairs(specialFloats)
    let results = try apply(LATENT_OP_POWER, bases, exponents)
    for i in results.indices {
      let truth = pow(Double(bases[i]), Double(exponents[i]))
      let right =
        unitsInLastPlace(results[i], from: truth) <= 2 && (truth.isNaN || results[i].sign == truth.sign)
      if !right { Issue.record("pow(\(bases[i]), \(exponents[i])) gives \(results[i]), not \(truth)") }
    }
  }
}
