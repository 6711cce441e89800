import LatentTensorGraph

/// The gradient rules of the unary operations, in terms of the result where that is cheaper.
func unaryPullback(_ operation: UnaryOperation, _ x: Tensor, _ y: Tensor, _ cotangent: Tensor) -> Tensor? {
  switch operation {
  case .negate: -cotangent
  case .abs: cotangent * x.sign()
  case .sign, .floor, .ceil, .roundNearestEven, .isFinite, .not: nil
  case .squareRoot: cotangent * 0.5 / y
  case .reciprocalSquareRoot: cotangent * -0.5 * y * y * y
  case .exponential: cotangent * y
  case .exponentialMinusOne: cotangent * (y + 1)
  case .logarithm: cotangent / x
  case .logarithmPlusOne: cotangent / (x + 1)
  case .tanh: cotangent * (1 - y * y)
  case .logistic: cotangent * (y * (1 - y))
  case .softplus: cotangent * x.logistic()
  case .erf: cotangent * ((-(x * x)).exp() * (2 / Double.pi.squareRoot()))
  case .sine: cotangent * x.cosine()
  case .cosine: -(cotangent * x.sine())
  }
}

/// The gradient rules of the binary operations.
///
/// Where `maximum` or `minimum` has equal operands, the second takes the whole cotangent, so that max(x, 0) has slope 0
/// at 0; which one it was can be told from the result, so the operand need not be kept. The exponent of a base that is not positive gets no gradient.
func binaryPullback(
  _ operation: BinaryOperation, _ x: Tensor, _ y: Tensor, _ result: Tensor, _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  let zero = cotangent.scalar(0)
  switch operation {
  case .add: return [cotangent, cotangent]
  case .subtract: return [cotangent, wanted[1] ? -cotangent : nil]
  case .multiply: return [wanted[0] ? cotangent * y : nil, wanted[1] ? cotangent * x : nil]
  case .divide: return [wanted[0] ? cotangent / y : nil, wanted[1] ? -(cotangent * result / y) : nil]
  case .remainder:
    let quotient = (x - result) / y
    return [cotangent, wanted[1] ? -(cotangent * quotient.round()) : nil]
  case .power:
    let base = wanted[0] ? cotangent * y * x.power(y - 1) : nil
    guard wanted[1] else { return [base, nil] }
    let positive = x.compare(.greater, 0)
    return [base, cotangent * result * positive.select(x, x.scalar(1)).log()]
  case .arctangent2:
    let squares = x * x + y * y
    return [wanted[0] ? cotangent * y / squares : nil, wanted[1] ? -(cotangent * x / squares) : nil]
  case .maximum:
    let first = result.compare(.greater, y)
    return [first.select(cotangent, zero), wanted[1] ? first.select(zero, cotangent) : nil]
  case .minimum:
    let first = result.compare(.less, y)
    return [first.select(cotangent, zero), wanted[1] ? first.select(zero, cotangent) : nil]
  case .and, .or, .xor: return [nil, nil]
  }
}
