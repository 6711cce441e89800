import LatentDiagnostics

extension Graph {
  /// A bool matrix [rows, columns] that is true where the column is at most the row plus the offset.
  ///
  /// With offset 0 these are the diagonal and what lies below it, the mask of causal attention; 1 takes in the diagonal
  /// above, -1 leaves out the main one.
  public func lowerTriangularMask(rows: Int, columns: Int, offset: Int = 0) -> Tensor {
    // One index for each row and one for each column: the comparison broadcasts them.
    let row = iota(shape: [rows, 1], dimension: 0)
    let column = iota(shape: [1, columns], dimension: 1)
    return column.compare(.lessOrEqual, row + Double(offset))
  }
}

extension Tensor {
  /// Matrices [..., R, C] with zeros where the column is beyond the row plus the offset.
  public func lowerTriangular(offset: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    triangular("lowerTriangular", offset: offset, file: file, line: line) { $0.select(self, $1) }
  }

  /// Matrices [..., R, C] with zeros where the column is before the row plus the offset.
  public func upperTriangular(offset: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    triangular("upperTriangular", offset: offset - 1, file: file, line: line) { $0.select($1, self) }
  }

  private func triangular(
    _ operation: String, offset: Int, file: StaticString, line: UInt, _ choose: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    guard rank >= 2, type != .bool else {
      shapeMistake(operation, [self], "expected matrices [..., R, C] of numbers", file: file, line: line)
    }
    return choose(graph.lowerTriangularMask(rows: shape[-2], columns: shape[-1], offset: offset), scalar(0))
  }
}
