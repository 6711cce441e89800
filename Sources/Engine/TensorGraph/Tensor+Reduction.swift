extension Tensor {
  /// The sum over dimensions (all, when none are given), which vanish unless kept with size 1.
  public func sum(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    reduce(.sum, dimensions, keepingDimensions, file: file, line: line)
  }

  /// The largest element over dimensions (all, when none are given).
  public func max(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    reduce(.maximum, dimensions, keepingDimensions, file: file, line: line)
  }

  /// The smallest element over dimensions (all, when none are given).
  public func min(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    reduce(.minimum, dimensions, keepingDimensions, file: file, line: line)
  }

  /// The mean over dimensions (all, when none are given).
  public func mean(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axes = dimensions.map { resolve($0, "mean", file: file, line: line) } ?? Array(0..<rank)
    let count = axes.reduce(1) { $0 * shape[$1] }
    return sum(axes, keepingDimensions: keepingDimensions, file: file, line: line) / Double(count)
  }

  /// The variance over dimensions, dividing by the count.
  public func variance(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    (self - mean(dimensions, keepingDimensions: true, file: file, line: line)).squared()
      .mean(dimensions, keepingDimensions: keepingDimensions, file: file, line: line)
  }

  /// The int32 index of the largest element along a dimension, the first among equals; the dimension vanishes.
  public func argumentMaximum(_ dimension: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    argumentReduce(.maximum, dimension, file: file, line: line)
  }

  /// The int32 index of the smallest element along a dimension, the first among equals; the dimension vanishes.
  public func argumentMinimum(_ dimension: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    argumentReduce(.minimum, dimension, file: file, line: line)
  }

  /// log sum exp over dimensions, without overflow.
  public func logSumExp(
    _ dimensions: [Int]? = nil, keepingDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let axes = dimensions.map { resolve($0, "logSumExp", file: file, line: line) } ?? Array(0..<rank)
    let largest = max(axes, keepingDimensions: true).stopGradient()
    // Where every element is minus infinity the shift must be finite, or it would make not-a-number of them.
    let shift = largest.isFinite().select(largest, scalar(0))
    let result = (self - shift).exp().sum(axes, keepingDimensions: true).log() + shift
    return keepingDimensions ? result : result.reshape(shape.removing(axes))
  }

  func reduce(
    _ reduction: Reduction, _ dimensions: [Int]?, _ keepingDimensions: Bool, file: StaticString, line: UInt
  ) -> Tensor {
    guard type != .bool else {
      shapeMistake("reduce", [self], "the element type must be a number", file: file, line: line)
    }
    let axes = dimensions.map { resolve($0, "reduce", file: file, line: line) } ?? Array(0..<rank)
    if axes.isEmpty { return self }
    let result = graph.add(
      .reduce(reduction, dimensions: axes), [self], shape: shape.removing(axes), type: type)
    return keepingDimensions ? result.reshape(shape.collapsing(axes)) : result
  }

  private func argumentReduce(
    _ reduction: ArgumentReduction, _ dimension: Int, file: StaticString, line: UInt
  ) -> Tensor {
    let axis = resolve([dimension], "argument reduction", file: file, line: line)[0]
    guard type != .bool, shape[axis] > 0 else {
      shapeMistake(
        "argument reduction", [self], "expected numbers and a dimension that is not empty", file: file, line: line)
    }
    return graph.add(
      .argumentReduce(reduction, dimension: axis), [self], shape: shape.removing([axis]), type: .int32)
  }

  /// Dimensions counted from the front, sorted and distinct.
  func resolve(_ dimensions: [Int], _ operation: String, file: StaticString, line: UInt) -> [Int] {
    let axes = dimensions.map { $0 < 0 ? $0 + rank : $0 }.sorted()
    guard axes.allSatisfy({ (0..<rank).contains($0) }), Set(axes).count == axes.count else {
      shapeMistake(
        operation, [self], "dimensions \(dimensions) must be distinct and exist", file: file, line: line)
    }
    return axes
  }
}
