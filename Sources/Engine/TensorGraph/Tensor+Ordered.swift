import LatentDiagnostics

extension Tensor {
  /// Along a dimension, each element plus all before it; exclusively without itself, in reverse from the end.
  ///
  /// In float32 the sums of a line are added in double precision and rounded once each.
  public func cumulativeSum(
    _ dimension: Int = -1, isExclusive: Bool = false, isReversed: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    let axis = resolve([dimension], "cumulativeSum", file: file, line: line)[0]
    guard type != .bool else {
      shapeMistake("cumulativeSum", [self], "the element type must be a number", file: file, line: line)
    }
    return graph.add(
      .cumulativeSum(dimension: axis, isExclusive: isExclusive, isReversed: isReversed), [self], shape: shape,
      type: type)
  }

  /// Along a dimension, each element times all before it.
  ///
  /// By doubling (Hillis & Steele 1986): the logarithm of the size in rounds, which divide by nothing, so that the gradient
  /// is right with zeros among the factors.
  public func cumulativeProduct(
    _ dimension: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    doubled(resolve([dimension], "cumulativeProduct", file: file, line: line)[0]) { $0 * $1 }
  }

  /// Along a dimension, the logarithm of the sum of the exponentials of each element and all before it, without overflow.
  ///
  /// By doubling, so that early sums are as exact as late ones, however small they are beside them.
  public func cumulativeLogSumExp(
    _ dimension: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    doubled(resolve([dimension], "cumulativeLogSumExp", file: file, line: line)[0]) { earlier, later in
      let largest = earlier.maximum(later).stopGradient()
      // As in `logSumExp`: two infinities below must not become not-a-number.
      let shift = largest.isFinite().select(largest, scalar(0))
      return ((earlier - shift).exp() + (later - shift).exp()).log() + shift
    }
  }

  /// The product over a dimension, which vanishes unless kept with size 1; of no elements 1.
  ///
  /// By halving, without a division: the gradient is right with zeros among the factors.
  public func product(
    _ dimension: Int, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axis = resolve([dimension], "product", file: file, line: line)[0]
    guard type != .bool else {
      shapeMistake("product", [self], "the element type must be a number", file: file, line: line)
    }
    let target = keepingDimensions ? shape.collapsing([axis]) : shape.removing([axis])
    if shape[axis] == 0 { return graph.constant([1], shape: target, type: type) }
    var rest = self
    while rest.shape[axis] > 1 {
      let half = rest.shape[axis] / 2
      let pairs = rest.slice(axis, 0..<half) * rest.slice(axis, half..<(2 * half))
      let odd = rest.slice(axis, (2 * half)..<rest.shape[axis])
      rest = odd.shape[axis] == 0 ? pairs : Tensor.concatenate([pairs, odd], dimension: axis)
    }
    return rest.reshape(target)
  }

  /// Each element combined with all before it along a dimension, by an associative operation on earlier and later parts.
  private func doubled(_ axis: Int, _ combine: (Tensor, Tensor) -> Tensor) -> Tensor {
    var result = self
    var distance = 1
    while distance < shape[axis] {
      let rest = combine(
        result.slice(axis, 0..<(shape[axis] - distance)), result.slice(axis, distance..<shape[axis]))
      result = Tensor.concatenate([result.slice(axis, 0..<distance), rest], dimension: axis)
      distance *= 2
    }
    return result
  }

  /// The elements that int32 indices name along a dimension, each for itself: NumPy's `take_along_axis`.
  ///
  /// The indices have this tensor's shape but for the dimension, whose size becomes theirs, and are clamped into range.
  ///
  /// - Precondition: the tensor has fewer than 2^31 elements.
  public func takeAlong(
    _ indices: Tensor, dimension: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axis = resolve([dimension], "takeAlong", file: file, line: line)[0]
    guard indices.type == .int32, indices.rank == rank, indices.shape.removing([axis]) == shape.removing([axis]),
      shape[axis] > 0 || indices.shape.elementCount == 0, shape.elementCount < Int(Int32.max)
    else {
      shapeMistake(
        "takeAlong dimension \(axis)", [self, indices],
        "expected int32 indices of this shape but for the dimension, which is not empty", file: file, line: line)
    }
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let (size, count) = (shape[axis], indices.shape[axis])
    // Places among all elements in their order, so that an ordinary gather finds them, and its gradient brings them back.
    let starts = graph.iota(shape: [outer, 1, 1], dimension: 0) * Double(size * inner)
    let places = indices.reshape([outer, count, inner]).clamped(0, Double(Swift.max(0, size - 1))) * Double(inner)
    let offsets = graph.iota(shape: [1, 1, inner], dimension: 2)
    let flat = (places + starts + offsets).reshape([outer * count * inner])
    return reshape([outer * size * inner]).gather(flat).reshape(indices.shape)
  }

  /// The int32 indices of the elements along a dimension in ascending or descending order.
  ///
  /// Equal elements stay in their order, 0 and -0 being equal; not-a-number comes last either way.
  public func argumentSort(
    _ dimension: Int = -1, isDescending: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axis = resolve([dimension], "argumentSort", file: file, line: line)[0]
    guard type != .bool else {
      shapeMistake("argumentSort", [self], "the element type must be a number", file: file, line: line)
    }
    return graph.add(
      .argumentSort(dimension: axis, isDescending: isDescending), [self], shape: shape, type: .int32)
  }

  /// The elements along a dimension in ascending or descending order, as `argumentSort` has it; gradients go where the
  /// elements came from.
  public func sorted(
    _ dimension: Int = -1, isDescending: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    takeAlong(
      argumentSort(dimension, isDescending: isDescending, file: file, line: line), dimension: dimension, file: file,
      line: line)
  }

  /// The largest elements along a dimension, the largest first, and their int32 indices; of equal ones the first come first.
  ///
  /// Not-a-number counts as less than everything.
  ///
  /// - Precondition: there are as many elements.
  public func topK(
    _ count: Int, dimension: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> (values: Tensor, indices: Tensor) {
    let axis = resolve([dimension], "topK", file: file, line: line)[0]
    guard count >= 0, count <= shape[axis] else {
      shapeMistake("topK \(count)", [self], "dimension \(axis) has fewer elements", file: file, line: line)
    }
    let indices = argumentSort(axis, isDescending: true, file: file, line: line).slice(axis, 0..<count)
    return (takeAlong(indices, dimension: axis, file: file, line: line), indices)
  }
}
