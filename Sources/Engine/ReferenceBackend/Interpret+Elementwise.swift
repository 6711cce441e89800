import LatentDiagnostics
import Foundation
import LatentTensorGraph

func evaluate(_ operation: UnaryOperation, _ x: Double, _ type: ElementType) -> Double {
  switch operation {
  case .negate: type == .int32 ? Double(0 &- Int32(x)) : -x
  case .abs: type == .int32 && x == Double(Int32.min) ? x : Swift.abs(x)
  case .sign: x.isNaN ? x : (x > 0 ? 1 : (x < 0 ? -1 : x))
  case .floor: x.rounded(.down)
  case .ceil: x.rounded(.up)
  case .roundNearestEven: x.rounded(.toNearestOrEven)
  case .squareRoot: x.squareRoot()
  case .reciprocalSquareRoot: 1 / x.squareRoot()
  case .exponential: Foundation.exp(x)
  case .exponentialMinusOne: Foundation.expm1(x)
  case .logarithm: Foundation.log(x)
  case .logarithmPlusOne: Foundation.log1p(x)
  case .tanh: Foundation.tanh(x)
  case .logistic: x >= 0 ? 1 / (1 + Foundation.exp(-x)) : Foundation.exp(x) / (1 + Foundation.exp(x))
  case .softplus: Swift.max(x, 0) + Foundation.log1p(Foundation.exp(-Swift.abs(x)))
  case .erf: Foundation.erf(x)
  case .sine: Foundation.sin(x)
  case .cosine: Foundation.cos(x)
  case .isFinite: x.isFinite ? 1 : 0
  case .not: type == .bool ? 1 - x : Double(~Int32(x))
  }
}

func evaluate(_ operation: BinaryOperation, _ x: Double, _ y: Double, _ type: ElementType) -> Double {
  if type == .int32 { return Double(evaluate(operation, Int32(x), Int32(y))) }
  if type == .bool {
    switch operation {
    case .or: return Swift.max(x, y)
    case .and: return Swift.min(x, y)
    case .xor: return x != y ? 1 : 0
    case .add, .subtract, .multiply, .divide, .remainder, .power, .arctangent2, .maximum, .minimum:
      stop("\(operation) of bool")
    }
  }
  switch operation {
  case .add: return x + y
  case .subtract: return x - y
  case .multiply: return x * y
  case .divide: return x / y
  case .remainder: return Foundation.fmod(x, y)
  case .power: return Foundation.pow(x, y)
  case .arctangent2: return Foundation.atan2(x, y)
  case .maximum: return x.isNaN || y.isNaN ? .nan : Swift.max(x, y)
  case .minimum: return x.isNaN || y.isNaN ? .nan : Swift.min(x, y)
  case .and, .or, .xor: stop("\(operation) of \(type)")
  }
}

/// int32 wraps around; dividing by zero gives -1 and leaves the dividend, as StableHLO leaves open.
private func evaluate(_ operation: BinaryOperation, _ x: Int32, _ y: Int32) -> Int32 {
  switch operation {
  case .add: x &+ y
  case .subtract: x &- y
  case .multiply: x &* y
  case .divide: y == 0 ? -1 : x.dividedReportingOverflow(by: y).partialValue
  case .remainder: y == 0 ? x : x.remainderReportingOverflow(dividingBy: y).partialValue
  case .power, .arctangent2: stop("\(operation) of int32")
  case .maximum: Swift.max(x, y)
  case .minimum: Swift.min(x, y)
  case .and: x & y
  case .or: x | y
  case .xor: x ^ y
  }
}

func evaluate(_ comparison: Comparison, _ x: Double, _ y: Double) -> Bool {
  switch comparison {
  case .equal: x == y
  case .notEqual: x != y
  case .less: x < y
  case .lessOrEqual: x <= y
  case .greater: x > y
  case .greaterOrEqual: x >= y
  }
}
