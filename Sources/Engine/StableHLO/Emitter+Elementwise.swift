import LatentTensorGraph

extension Emitter {
  mutating func unary(_ operation: UnaryOperation, _ x: Value) -> Value {
    switch operation {
    case .negate: return function.elementwise("negate", x)
    case .abs: return function.elementwise("abs", x)
    case .sign: return function.elementwise("sign", x)
    case .floor: return function.elementwise("floor", x)
    case .ceil: return function.elementwise("ceil", x)
    case .roundNearestEven: return function.elementwise("round_nearest_even", x)
    case .squareRoot: return function.elementwise("sqrt", x)
    case .reciprocalSquareRoot: return function.elementwise("rsqrt", x)
    case .exponential: return function.elementwise("exponential", x)
    case .exponentialMinusOne: return function.elementwise("exponential_minus_one", x)
    case .logarithm: return function.elementwise("log", x)
    case .logarithmPlusOne: return function.elementwise("log_plus_one", x)
    case .tanh: return function.elementwise("tanh", x)
    case .logistic: return function.elementwise("logistic", x)
    case .softplus: return softplus(x)
    case .erf: return errorFunction(x)
    case .sine: return function.elementwise("sine", x)
    case .cosine: return function.elementwise("cosine", x)
    case .isFinite:
      // The other numbers always are.
      guard x.type.element.isFloatingPoint else { return function.constant(1, x.type.of(.i1)) }
      return function.mapped("is_finite", [x], to: x.type.of(.i1))
    case .not: return function.elementwise("not", x)
    }
  }

  mutating func binary(_ operation: BinaryOperation, _ x: Value, _ y: Value) -> Value {
    switch operation {
    case .add: return function.elementwise("add", x, y)
    case .subtract: return function.elementwise("subtract", x, y)
    case .multiply: return function.elementwise("multiply", x, y)
    case .divide: return x.type.element == .i32 ? quotient(x, y) : function.elementwise("divide", x, y)
    case .remainder: return x.type.element == .i32 ? remainder(x, y) : function.elementwise("remainder", x, y)
    case .power: return function.elementwise("power", x, y)
    case .arctangent2: return function.elementwise("atan2", x, y)
    case .maximum: return function.elementwise("maximum", x, y)
    case .minimum: return function.elementwise("minimum", x, y)
    case .and: return function.elementwise("and", x, y)
    case .or: return function.elementwise("or", x, y)
    case .xor: return function.elementwise("xor", x, y)
    }
  }

  mutating func compare(_ comparison: Comparison, _ x: Value, _ y: Value) -> Value {
    switch comparison {
    case .equal: function.compare("EQ", x, y)
    case .notEqual: function.compare("NE", x, y)
    case .less: function.compare("LT", x, y)
    case .lessOrEqual: function.compare("LE", x, y)
    case .greater: function.compare("GT", x, y)
    case .greaterOrEqual: function.compare("GE", x, y)
    }
  }

  /// max(x, 0) + log(1 + exp(-|x|)).
  private mutating func softplus(_ x: Value) -> Value {
    let zero = function.constant(0, x.type)
    let tail = function.elementwise("exponential", function.elementwise("negate", function.elementwise("abs", x)))
    return function.elementwise(
      "add", function.elementwise("maximum", x, zero), function.elementwise("log_plus_one", tail))
  }

  /// -1 where the divisor is 0, the wrapped negative where it is -1; StableHLO leaves open what 0 gives, and what -1 gives of
  /// the smallest int32.
  private mutating func quotient(_ x: Value, _ y: Value) -> Value {
    let (safe, isZero, isMinusOne) = safeDivisor(y)
    let divided = function.elementwise("divide", x, safe)
    let negated = function.select(isMinusOne, function.elementwise("negate", x), divided)
    return function.select(isZero, function.constant(-1, x.type), negated)
  }

  /// The dividend where the divisor is 0; -1 leaves nothing, as does the 1 that stands in for it.
  private mutating func remainder(_ x: Value, _ y: Value) -> Value {
    let (safe, isZero, _) = safeDivisor(y)
    return function.select(isZero, x, function.elementwise("remainder", x, safe))
  }

  /// The divisor with 1 in the place of 0 and -1, and where those were.
  private mutating func safeDivisor(_ y: Value) -> (safe: Value, isZero: Value, isMinusOne: Value) {
    let isZero = function.compare("EQ", y, function.constant(0, y.type))
    let isMinusOne = function.compare("EQ", y, function.constant(-1, y.type))
    let isSpecial = function.elementwise("or", isZero, isMinusOne)
    return (function.select(isSpecial, function.constant(1, y.type), y), isZero, isMinusOne)
  }
}
