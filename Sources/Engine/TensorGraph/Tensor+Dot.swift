extension Tensor {
  /// The matrix product over the last two dimensions, either operand transposed on request.
  ///
  /// [..., M, K] with [..., K, N] gives [..., M, N]; the leading dimensions are batches and must be equal. An operand with
  /// only two dimensions is shared by all batches.
  public func dot(
    _ other: Tensor, transposeLeft: Bool = false, transposeRight: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    guard rank >= 2, other.rank >= 2, let (left, right, resultType) = matrixOperands(other) else {
      shapeMistake("dot", [self, other], "expected matrices of one floating-point type", file: file, line: line)
    }
    let batch = Array(shape.dimensions.dropLast(2))
    let otherBatch = Array(other.shape.dimensions.dropLast(2))
    let (rows, inner) = transposeLeft ? (shape[-1], shape[-2]) : (shape[-2], shape[-1])
    let (otherInner, columns) =
      transposeRight ? (other.shape[-1], other.shape[-2]) : (other.shape[-2], other.shape[-1])
    guard inner == otherInner else {
      shapeMistake(
        "dot", [self, other], "inner sizes \(inner) and \(otherInner) must be equal", file: file, line: line)
    }
    if batch != otherBatch {
      if other.rank == 2, !transposeLeft {
        // One product of a tall matrix instead of many small ones.
        let tall = reshape([batch.reduce(1, *) * rows, inner]).dot(other, transposeRight: transposeRight)
        return tall.reshape(Shape(batch + [rows, columns]))
      }
      if other.rank == 2 {
        return dot(
          other.broadcast(to: Shape(batch + other.shape.dimensions)), transposeLeft: transposeLeft,
          transposeRight: transposeRight)
      }
      if rank == 2 {
        return broadcast(to: Shape(otherBatch + shape.dimensions)).dot(
          other, transposeLeft: transposeLeft, transposeRight: transposeRight)
      }
      shapeMistake("dot", [self, other], "batch dimensions must be equal", file: file, line: line)
    }
    return graph.add(
      .dot(transposeLeft: transposeLeft, transposeRight: transposeRight), [left, right],
      shape: Shape(batch + [rows, columns]), type: resultType)
  }

  /// The operands of a product in the graph's precision and the type of its result, or `nil` for types that do not fit.
  ///
  /// In bfloat16 precision one operand may be rounded already, as in the gradients of a rounded product.
  func matrixOperands(_ other: Tensor) -> (Tensor, Tensor, ElementType)? {
    let types: Set<ElementType> = [type, other.type]
    if graph.matrixPrecision == .bfloat16, types.isSubset(of: [.float32, .bfloat16]) {
      return (converted(to: .bfloat16), other.converted(to: .bfloat16), .float32)
    }
    return types.count == 1 && type.isFloatingPoint ? (self, other, type) : nil
  }
}
