import Foundation
import LatentTensorGraph

extension Emitter {
  /// The error function, as a function of the module for each type.
  mutating func errorFunction(_ x: Value) -> Value {
    // Too coarse for the sums below.
    if x.type.element == .bf16 { return function.convert(errorFunction(function.convert(x, to: .f32)), to: .bf16) }
    return call("erf_\(x.type.name)", [x], to: [x.type]) { [$0.erf($1[0])] }[0]
  }

  /// Below 1 Maclaurin's series, above it one minus the complement, with the operand's sign.
  private mutating func erf(_ x: Value) -> Value {
    let magnitude = function.elementwise("abs", x)
    let one = function.constant(1, x.type)
    let complement = complementaryErrorFunction(magnitude)
    let far = function.elementwise(
      "multiply", function.elementwise("sign", x), function.elementwise("subtract", one, complement))
    return function.select(function.compare("LT", magnitude, one), nearErrorFunction(x), far)
  }

  /// 2 / sqrt(pi) times the sum of (-1)^n x^(2n + 1) / (n! (2n + 1)), until the terms at 1 vanish in rounding.
  private mutating func nearErrorFunction(_ x: Value) -> Value {
    let degree = x.type.element == .f64 ? 17 : 10
    var inverseFactorial = 1.0
    let coefficients = (0...degree).map { (n: Int) -> Double in
      if n > 0 { inverseFactorial /= -Double(n) }
      return 2 / Double.pi.squareRoot() * inverseFactorial / Double(2 * n + 1)
    }
    let square = function.elementwise("multiply", x, x)
    var sum = function.constant(coefficients[degree], x.type)
    for coefficient in coefficients.dropLast().reversed() {
      let product = function.elementwise("multiply", sum, square)
      sum = function.elementwise("add", product, function.constant(coefficient, x.type))
    }
    return function.elementwise("multiply", sum, x)
  }

  /// 1 - erf(x) for x of at least 1: the trapezoidal rule, with step h, on its integral over the whole line,
  ///
  /// h x / pi exp(-x^2) (1 / x^2 + 2 sum of exp(-k^2 h^2) / (k^2 h^2 + x^2) over k > 0) + 2 / (1 - exp(2 pi x / h)),
  ///
  /// whose relative error is of the order of exp(-pi^2 / h^2) (Matta & Reichel, "Uniform computation of the error function
  /// and other related functions", 1971).
  private mutating func complementaryErrorFunction(_ magnitude: Value) -> Value {
    let type = magnitude.type
    let (step, terms) = type.element == .f64 ? (0.5, 13) : (0.75, 6)
    // From 6 on erf is 1 in every type, and infinity times zero is kept out of the product.
    let x = function.elementwise("minimum", magnitude, function.constant(6, type))
    let square = function.elementwise("multiply", x, x)
    var sum = function.elementwise("divide", function.constant(1, type), square)
    for k in 1..<terms {
      let node = Double(k * k) * step * step
      let denominator = function.elementwise("add", square, function.constant(node, type))
      let term = function.elementwise("divide", function.constant(2 * Foundation.exp(-node), type), denominator)
      sum = function.elementwise("add", sum, term)
    }
    let decay = function.elementwise("exponential", function.elementwise("negate", square))
    let weight = function.elementwise("multiply", x, function.constant(step / Double.pi, type))
    let rule = function.elementwise("multiply", function.elementwise("multiply", weight, decay), sum)
    let growth = function.elementwise(
      "exponential", function.elementwise("multiply", x, function.constant(2 * Double.pi / step, type)))
    let pole = function.elementwise("subtract", function.constant(1, type), growth)
    return function.elementwise("add", rule, function.elementwise("divide", function.constant(2, type), pole))
  }
}
