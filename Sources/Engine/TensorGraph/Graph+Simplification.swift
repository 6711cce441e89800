extension Graph {
  /// An existing or simpler tensor equal to the node that is about to be made, or `nil`.
  ///
  /// Gradients are full of ones, zeros, and constants times constants; removing them here serves every back end.
  func simplified(_ operation: GraphOperation, _ operands: [Tensor], shape: Shape, type: ElementType) -> Tensor? {
    switch operation {
    case .unary(.negate) where type.isFloatingPoint:
      if let x = splat(operands[0]) { return constant([-x], shape: shape, type: type) }
      if case .unary(.negate) = operands[0].node.operation { return operands[0].sibling(operands[0].node.operands[0]) }
      return nil
    case .binary(let binary) where type.isFloatingPoint:
      return simplified(binary, operands[0], operands[1], shape: shape, type: type)
    case .broadcast, .reshape, .transpose, .slice, .reverse, .stopGradient:
      return splat(operands[0]).map { constant([$0], shape: shape, type: type) }
        ?? composed(operation, operands[0], shape)
    case .convert:
      guard let x = splat(operands[0]), type == .float32 || type == .float64 else { return nil }
      return constant([x], shape: shape, type: type)
    case .unary, .binary, .input, .variable, .constant, .iota, .random, .compare, .select, .reduce, .argumentReduce,
      .cumulativeSum, .argumentSort, .dot, .convolution, .gather, .scatterAdd, .pad, .concatenate, .gradientRule,
      .barrier, .scan, .result, .attention, .attentionGradient, .parameter:
      return nil
    }
  }

  private func simplified(
    _ operation: BinaryOperation, _ left: Tensor, _ right: Tensor, shape: Shape, type: ElementType
  ) -> Tensor? {
    let (x, y) = (splat(left), splat(right))
    switch operation {
    case .add:
      if let x, let y { return constant([x + y], shape: shape, type: type) }
      if x == 0 { return right }
      return y == 0 ? left : nil
    case .subtract:
      if let x, let y { return constant([x - y], shape: shape, type: type) }
      return y == 0 ? left : nil
    case .multiply:
      if let x, let y { return constant([x * y], shape: shape, type: type) }
      if x == 1 { return right }
      return y == 1 ? left : nil
    case .divide:
      if let x, let y { return constant([x / y], shape: shape, type: type) }
      return y == 1 ? left : nil
    case .power:
      if y == 1 { return left }
      if y == 2 { return left * left }
      return y == 0.5 ? left.squareRoot() : nil
    case .remainder, .arctangent2, .maximum, .minimum, .and, .or, .xor:
      return nil
    }
  }

  /// Two views in a row as one.
  private func composed(_ operation: GraphOperation, _ operand: Tensor, _ shape: Shape) -> Tensor? {
    let node = operand.node
    switch (operation, node.operation) {
    case (.reshape, .reshape):
      return operand.sibling(node.operands[0]).reshape(shape)
    case (.transpose(let outer), .transpose(let inner)):
      return operand.sibling(node.operands[0]).transpose(outer.map { inner[$0] })
    case (.broadcast(let outer), .broadcast(let inner)):
      return operand.sibling(node.operands[0]).broadcast(to: shape, mapping: inner.map { outer[$0] })
    default:
      return nil
    }
  }

  /// The one value of all elements of a constant, if it is one.
  private func splat(_ tensor: Tensor) -> Double? {
    if case .constant(let values) = tensor.node.operation, values.count == 1 { return values[0] }
    return nil
  }
}
