import LatentDiagnostics

extension Tensor {
  /// The same elements in row-major order under another shape; one size may be -1, to be worked out.
  public func reshape(_ dimensions: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    guard let open = dimensions.firstIndex(of: -1) else {
      return reshape(Shape(dimensions), file: file, line: line)
    }
    let rest = dimensions.enumerated().reduce(1) { $1.offset == open ? $0 : $0 * $1.element }
    guard rest > 0, shape.elementCount % rest == 0 else {
      shapeMistake("reshape to \(dimensions)", [self], "the elements do not divide evenly", file: file, line: line)
    }
    var resolved = dimensions
    resolved[open] = shape.elementCount / rest
    return reshape(Shape(resolved), file: file, line: line)
  }

  /// The same elements in row-major order under another shape.
  public func reshape(_ shape: Shape, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    if shape == self.shape { return self }
    guard shape.elementCount == self.shape.elementCount else {
      shapeMistake("reshape to \(shape)", [self], "the number of elements must stay", file: file, line: line)
    }
    return graph.add(.reshape, [self], shape: shape, type: type)
  }

  /// The dimensions reordered: result dimension i is this tensor's dimension `permutation[i]`.
  public func transpose(_ permutation: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    guard permutation.sorted() == Array(0..<rank) else {
      shapeMistake("transpose \(permutation)", [self], "expected every dimension once", file: file, line: line)
    }
    if permutation == Array(0..<rank) { return self }
    return graph.add(.transpose(permutation), [self], shape: Shape(permutation.map { shape[$0] }), type: type)
  }

  /// Broadcasts by NumPy's rule: aligned at the end, size 1 and missing dimensions repeated.
  public func broadcast(to shape: Shape, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    if shape == self.shape { return self }
    guard rank <= shape.rank else {
      shapeMistake("broadcast to \(shape)", [self], "the result has too few dimensions", file: file, line: line)
    }
    return broadcast(to: shape, mapping: Array((shape.rank - rank)..<shape.rank), file: file, line: line)
  }

  /// Broadcasts so that this tensor's dimension i becomes the result's dimension `mapping[i]`, which must increase.
  public func broadcast(
    to shape: Shape, mapping: [Int], file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let increases = zip(mapping, mapping.dropFirst()).allSatisfy { $0 < $1 }
    guard mapping.count == rank, increases, mapping.allSatisfy({ shape.dimensions.indices.contains($0) }),
      zip(self.shape.dimensions, mapping).allSatisfy({ $0 == shape[$1] || $0 == 1 })
    else {
      shapeMistake(
        "broadcast to \(shape)", [self], "each size must be 1 or equal to the one it maps to (mapping \(mapping))",
        file: file, line: line)
    }
    return graph.add(.broadcast(mapping), [self], shape: shape, type: type)
  }

  /// Every stride-th element from start up to, not including, limit along each dimension.
  public func slice(
    starts: [Int], limits: [Int], strides: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let strides = strides ?? [Int](repeating: 1, count: rank)
    let isWithin = { (axis: Int) -> Bool in
      0 <= starts[axis] && starts[axis] <= limits[axis] && limits[axis] <= self.shape[axis] && strides[axis] > 0
    }
    guard starts.count == rank, limits.count == rank, strides.count == rank, (0..<rank).allSatisfy(isWithin) else {
      shapeMistake(
        "slice \(starts)..<\(limits) by \(strides)", [self], "the range must lie within the shape", file: file,
        line: line)
    }
    let sizes = (0..<rank).map { (axis: Int) -> Int in
      let extent = limits[axis] - starts[axis]
      return (extent + strides[axis] - 1) / strides[axis]
    }
    if Shape(sizes) == shape { return self }
    return graph.add(.slice(starts: starts, limits: limits, strides: strides), [self], shape: Shape(sizes), type: type)
  }

  /// A range along one dimension, the others whole.
  public func slice(
    _ dimension: Int, _ range: Range<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axis = resolve([dimension], "slice", file: file, line: line)[0]
    var starts = [Int](repeating: 0, count: rank)
    var limits = shape.dimensions
    starts[axis] = range.lowerBound
    limits[axis] = range.upperBound
    return slice(starts: starts, limits: limits, file: file, line: line)
  }

  /// This tensor cut into equal parts along a dimension.
  public func split(
    _ count: Int, dimension: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> [Tensor] {
    let axis = resolve([dimension], "split", file: file, line: line)[0]
    guard count > 0, shape[axis] % count == 0 else {
      shapeMistake("split into \(count)", [self], "dimension \(axis) must divide evenly", file: file, line: line)
    }
    let size = shape[axis] / count
    return (0..<count).map { slice(axis, ($0 * size)..<(($0 + 1) * size), file: file, line: line) }
  }

  /// Extends each dimension with a number before, after, and between neighbours.
  public func pad(
    low: [Int], high: [Int], interior: [Int]? = nil, value: Double = 0, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    let interior = interior ?? [Int](repeating: 0, count: rank)
    guard low.count == rank, high.count == rank, interior.count == rank,
      (low + high + interior).allSatisfy({ $0 >= 0 })
    else {
      shapeMistake(
        "pad \(low), \(high), \(interior)", [self], "expected one amount, not negative, for each dimension", file: file,
        line: line)
    }
    let sizes = (0..<rank).map { (axis: Int) -> Int in
      let gaps = shape[axis] > 1 ? shape[axis] - 1 : 0
      return shape[axis] + low[axis] + high[axis] + gaps * interior[axis]
    }
    if Shape(sizes) == shape { return self }
    return graph.add(
      .pad(low: low, high: high, interior: interior), [self, scalar(value)], shape: Shape(sizes), type: type)
  }

  /// The tensors one after another along a dimension.
  public static func concatenate(
    _ tensors: [Tensor], dimension: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    require(!tensors.isEmpty, "concatenate of no tensors", file: file, line: line)
    let first = tensors[0]
    let axis = first.resolve([dimension], "concatenate", file: file, line: line)[0]
    let matches = { (tensor: Tensor) in
      tensor.type == first.type && tensor.rank == first.rank
        && tensor.shape.removing([axis]) == first.shape.removing([axis])
    }
    guard tensors.allSatisfy(matches) else {
      shapeMistake(
        "concatenate along dimension \(axis)", tensors, "types and all other dimensions must be equal", file: file,
        line: line)
    }
    if tensors.count == 1 { return first }
    let size = tensors.reduce(0) { $0 + $1.shape[axis] }
    return first.graph.add(
      .concatenate(dimension: axis), tensors, shape: first.shape.replacing(axis, with: size), type: first.type)
  }

  /// The elements in the opposite order along dimensions.
  public func reverse(_ dimensions: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    let axes = resolve(dimensions, "reverse", file: file, line: line)
    return axes.isEmpty ? self : graph.add(.reverse(axes), [self], shape: shape, type: type)
  }

  /// The slices of a dimension that int32 indices [K] name, each clamped into range; the dimension becomes K.
  public func gather(
    _ indices: Tensor, dimension: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axis = resolve([dimension], "gather", file: file, line: line)[0]
    guard indices.rank == 1, indices.type == .int32, shape[axis] > 0 || indices.shape[0] == 0 else {
      shapeMistake(
        "gather along dimension \(axis)", [self, indices], "expected int32 indices [K] and a dimension not empty",
        file: file, line: line)
    }
    return graph.add(
      .gather(dimension: axis), [self, indices], shape: shape.replacing(axis, with: indices.shape[0]), type: type)
  }

  /// Zeros of `size` along a dimension, to which each slice of this tensor is added at its int32 index [K].
  ///
  /// An index out of range is ignored.
  public func scatterAdd(
    _ indices: Tensor, dimension: Int = 0, size: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axis = resolve([dimension], "scatterAdd", file: file, line: line)[0]
    guard indices.rank == 1, indices.type == .int32, indices.shape[0] == shape[axis], type != .bool, size >= 0 else {
      shapeMistake(
        "scatterAdd along dimension \(axis)", [self, indices], "expected int32 indices, one for each slice", file: file,
        line: line)
    }
    return graph.add(
      .scatterAdd(dimension: axis, size: size), [self, indices], shape: shape.replacing(axis, with: size), type: type)
  }

  /// A new dimension of size 1 at a place.
  public func expandingDimension(_ dimension: Int) -> Tensor {
    let place = dimension < 0 ? dimension + rank + 1 : dimension
    var sizes = shape.dimensions
    sizes.insert(1, at: place)
    return reshape(Shape(sizes))
  }

  /// All dimensions after the first as one.
  public func flattened() -> Tensor {
    reshape([shape[0], shape.dimensions.dropFirst().reduce(1, *)])
  }
}
