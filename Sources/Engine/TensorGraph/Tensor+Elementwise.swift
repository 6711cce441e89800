extension Tensor {
  /// Adds a node of the same shape; the operands are shapes-checked by the caller.
  func unary(_ operation: UnaryOperation, type: ElementType? = nil) -> Tensor {
    graph.add(.unary(operation), [self], shape: shape, type: type ?? self.type)
  }

  private func numberUnary(_ operation: UnaryOperation, file: StaticString?, line: UInt) -> Tensor {
    if type == .bool { shapeMistake(operation.rawValue, [self], "not defined for bool", file: file, line: line) }
    return unary(operation)
  }

  private func realUnary(_ operation: UnaryOperation, file: StaticString?, line: UInt) -> Tensor {
    if !type.isFloatingPoint {
      shapeMistake(operation.rawValue, [self], "the element type must be floating-point", file: file, line: line)
    }
    return unary(operation)
  }

  /// The absolute value, |x|; its gradient is the sign, 0 at 0.
  public func absoluteValue(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    numberUnary(.abs, file: file, line: line)
  }
  /// -1, 0, or 1, by the sign of each element; no gradient flows through it.
  public func sign(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    numberUnary(.sign, file: file, line: line)
  }
  /// The largest integer not above x.
  public func floor(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.floor, file: file, line: line)
  }
  /// The smallest integer not below x.
  public func ceil(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.ceil, file: file, line: line)
  }
  /// The nearest integer; halves go to the even one.
  public func round(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.roundNearestEven, file: file, line: line)
  }
  /// The square root.
  public func squareRoot(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.squareRoot, file: file, line: line)
  }
  /// 1 / sqrt(x).
  public func reciprocalSquareRoot(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.reciprocalSquareRoot, file: file, line: line)
  }
  /// e to the power of x.
  public func exp(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.exponential, file: file, line: line)
  }
  /// e to the power of x, minus 1; exact near zero.
  public func expm1(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.exponentialMinusOne, file: file, line: line)
  }
  /// The natural logarithm.
  public func log(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.logarithm, file: file, line: line)
  }
  /// The natural logarithm of 1 + x; exact near zero.
  public func log1p(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.logarithmPlusOne, file: file, line: line)
  }
  /// The hyperbolic tangent.
  public func tanh(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.tanh, file: file, line: line)
  }
  /// 1 / (1 + exp(-x)).
  public func logistic(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.logistic, file: file, line: line)
  }
  /// log(1 + exp(x)), without overflow.
  public func softplus(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.softplus, file: file, line: line)
  }
  /// The error function.
  public func erf(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.erf, file: file, line: line)
  }
  /// The sine of radians.
  public func sine(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.sine, file: file, line: line)
  }
  /// The cosine of radians.
  public func cosine(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    realUnary(.cosine, file: file, line: line)
  }
  /// Whether each element is neither infinite nor not-a-number.
  public func isFinite(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    if !type.isFloatingPoint {
      shapeMistake("isFinite", [self], "the element type must be floating-point", file: file, line: line)
    }
    return unary(.isFinite, type: .bool)
  }

  /// The elements as another type. To int32 rounds towards zero; to bool is "is not zero".
  public func converted(to type: ElementType) -> Tensor {
    type == self.type ? self : graph.add(.convert, [self], shape: shape, type: type)
  }

  /// The same values, to which no gradient flows.
  public func stopGradient() -> Tensor { graph.add(.stopGradient, [self], shape: shape, type: type) }

  /// x squared.
  public func squared() -> Tensor { self * self }

  /// The larger of both, element by element; not-a-number if either is.
  public func maximum(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    combine(.maximum, other, file: file, line: line)
  }
  /// The smaller of both, element by element; not-a-number if either is.
  public func minimum(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    combine(.minimum, other, file: file, line: line)
  }
  /// The larger of each element and a number.
  public func maximum(_ other: Double) -> Tensor { maximum(scalar(other)) }
  /// The smaller of each element and a number.
  public func minimum(_ other: Double) -> Tensor { minimum(scalar(other)) }
  /// The elements confined to a range.
  public func clamped(_ lower: Double, _ upper: Double) -> Tensor { maximum(lower).minimum(upper) }

  /// This to the power of the other, element by element.
  public func power(_ exponent: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    combine(.power, exponent, file: file, line: line)
  }
  /// This to the power of a number.
  public func power(_ exponent: Double) -> Tensor { power(scalar(exponent)) }
  /// The remainder of division, with the sign of this.
  public func remainder(_ divisor: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    combine(.remainder, divisor, file: file, line: line)
  }

  /// The negative, for the operator.
  func negated() -> Tensor { numberUnary(.negate, file: nil, line: 0) }

  /// Not, for the operator.
  func inverted() -> Tensor {
    if type.isFloatingPoint { shapeMistake("not", [self], "not defined for \(type)", file: nil, line: 0) }
    return unary(.not)
  }

  /// Compares with another tensor, with broadcasting; the result is bool.
  public func compare(
    _ comparison: Comparison, _ other: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let (left, right) = aligned(comparison.rawValue, other, file: file, line: line)
    return graph.add(.compare(comparison), [left, right], shape: left.shape, type: .bool)
  }
  /// Compares with a number; the result is bool.
  public func compare(_ comparison: Comparison, _ other: Double) -> Tensor { compare(comparison, scalar(other)) }

  /// Where this bool tensor is true the first value, elsewhere the second; all three are broadcast together.
  public func select(
    _ whenTrue: Tensor, _ whenFalse: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard type == .bool, whenTrue.type == whenFalse.type,
      let values = whenTrue.shape.broadcast(with: whenFalse.shape), let result = shape.broadcast(with: values)
    else {
      shapeMistake(
        "select", [self, whenTrue, whenFalse],
        "expected a bool condition, values of one type, and shapes that broadcast",
        file: file, line: line)
    }
    let operands = [self, whenTrue, whenFalse].map { $0.broadcast(to: result) }
    return graph.add(.select, operands, shape: result, type: whenTrue.type)
  }

  /// A binary operation with NumPy's broadcasting.
  func combine(_ operation: BinaryOperation, _ other: Tensor, file: StaticString?, line: UInt) -> Tensor {
    if !operation.isDefined(for: type) {
      shapeMistake(operation.rawValue, [self, other], "not defined for \(type)", file: file, line: line)
    }
    let (left, right) = aligned(operation.rawValue, other, file: file, line: line)
    return graph.add(.binary(operation), [left, right], shape: left.shape, type: type)
  }

  private func aligned(
    _ operation: String, _ other: Tensor, file: StaticString?, line: UInt
  ) -> (Tensor, Tensor) {
    guard type == other.type else {
      shapeMistake(operation, [self, other], "element types must be equal", file: file, line: line)
    }
    guard let result = shape.broadcast(with: other.shape) else {
      shapeMistake(operation, [self, other], "shapes must be equal or broadcast", file: file, line: line)
    }
    return (broadcast(to: result), other.broadcast(to: result))
  }
}
