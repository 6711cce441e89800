import LatentDiagnostics

extension Tensor {
  /// Tensors of one shape side by side along a new dimension, whose place is counted in the result.
  public static func stack(
    _ tensors: [Tensor], dimension: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    require(!tensors.isEmpty, "stack of no tensors", file: file, line: line)
    let first = tensors[0]
    let axis = dimension < 0 ? dimension + first.rank + 1 : dimension
    guard (0...first.rank).contains(axis), tensors.allSatisfy({ $0.shape == first.shape && $0.type == first.type })
    else {
      shapeMistake(
        "stack along dimension \(dimension)", tensors, "shapes and types must be equal, and the new dimension exist",
        file: file, line: line)
    }
    return concatenate(tensors.map { $0.expandingDimension(axis) }, dimension: axis, file: file, line: line)
  }

  /// The slices along a dimension, without that dimension: what `stack` was given.
  public func unbind(
    _ dimension: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> [Tensor] {
    let axis = resolve([dimension], "unbind", file: file, line: line)[0]
    return (0..<shape[axis]).map { slice(axis, $0..<($0 + 1)).reshape(shape.removing([axis])) }
  }

  /// This tensor cut into parts of given sizes along a dimension; the sizes add up to the dimension's.
  public func split(
    sizes: [Int], dimension: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> [Tensor] {
    let axis = resolve([dimension], "split", file: file, line: line)[0]
    guard sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, +) == shape[axis] else {
      shapeMistake(
        "split into \(sizes)", [self], "the sizes must add up to dimension \(axis)", file: file, line: line)
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return slice(axis, start..<(start + size), file: file, line: line)
    }
  }

  /// Every product of an element of this tensor [..., M] and one of another [..., N]: [..., M, N].
  ///
  /// The leading dimensions broadcast.
  public func outer(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    guard rank > 0, other.rank > 0 else {
      shapeMistake("outer", [self, other], "expected [..., M] and [..., N]", file: file, line: line)
    }
    return expandingDimension(-1) * other.expandingDimension(-2)
  }

  /// The elements [..., D] of matrices [..., R, C] whose row and column are equal; D is the smaller of R and C.
  public func diagonal(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    guard rank >= 2 else {
      shapeMistake("diagonal", [self], "expected matrices [..., R, C]", file: file, line: line)
    }
    let size = Swift.min(shape[-2], shape[-1])
    // Of a square in rows of a known length one element in so many lies on the diagonal.
    let square = slice(-2, 0..<size).slice(-1, 0..<size)
    let flat = square.reshape(Shape(Array(shape.dimensions.dropLast(2)) + [size * size]))
    var strides = [Int](repeating: 1, count: flat.rank)
    strides[flat.rank - 1] = size + 1
    return flat.slice(starts: strides.map { _ in 0 }, limits: flat.shape.dimensions, strides: strides)
  }

  /// The Euclidean norm over dimensions (all, when none are given); its gradient is 0 where it is 0.
  public func norm(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let squares = squared().sum(dimensions, keepingDimensions: keepingDimensions, file: file, line: line)
    // The root's slope at 0 is infinite, and would make not-a-number of the elements' own slope of 0.
    let isZero = squares.compare(.equal, 0)
    return isZero.select(scalar(0), isZero.select(scalar(1), squares).squareRoot())
  }

  /// Whether any bool is true over dimensions (all, when none are given); of none, false.
  public func any(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    counted("any", file: file, line: line).max(dimensions, keepingDimensions: keepingDimensions, file: file, line: line)
      .compare(.greater, 0)
  }

  /// Whether all bools are true over dimensions (all, when none are given); of none, true.
  public func all(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    counted("all", file: file, line: line).min(dimensions, keepingDimensions: keepingDimensions, file: file, line: line)
      .compare(.greater, 0)
  }

  /// Bools as 0 and 1.
  private func counted(_ operation: String, file: StaticString, line: UInt) -> Tensor {
    guard type == .bool else {
      shapeMistake(operation, [self], "the element type must be bool", file: file, line: line)
    }
    return converted(to: .int32)
  }
}
