import LatentTensorGraph

/// Where a tensor's elements lie: a buffer, and how far apart neighbours along each dimension are.
struct StorageView: Hashable {
  /// The buffer's number in the plan.
  var buffer: Int
  /// Elements before the first one.
  var offset = 0
  var sizes: [Int]
  /// Elements between neighbours; 0 repeats, negative goes backwards.
  var strides: [Int]

  /// A whole buffer in row-major order.
  init(buffer: Int, shape: Shape) {
    self.buffer = buffer
    sizes = shape.dimensions
    strides = shape.rowMajorStrides
  }

  /// Whether the elements lie in row-major order without gaps.
  var isContiguous: Bool {
    let expected = Shape(sizes).rowMajorStrides
    return sizes.contains(0) || sizes.indices.allSatisfy { sizes[$0] == 1 || strides[$0] == expected[$0] }
  }

  func transposed(_ permutation: [Int]) -> StorageView {
    with(sizes: permutation.map { sizes[$0] }, strides: permutation.map { strides[$0] })
  }

  func broadcast(to shape: Shape, mapping: [Int]) -> StorageView {
    var result = [Int](repeating: 0, count: shape.rank)
    for (dimension, target) in mapping.enumerated() where sizes[dimension] == shape[target] {
      result[target] = strides[dimension]
    }
    return with(sizes: shape.dimensions, strides: result)
  }

  func sliced(starts: [Int], shape: Shape, steps: [Int]) -> StorageView {
    var result = with(sizes: shape.dimensions, strides: zip(strides, steps).map { $0 * $1 })
    result.offset += zip(strides, starts).reduce(0) { $0 + $1.0 * $1.1 }
    return result
  }

  func reversed(_ dimensions: [Int]) -> StorageView {
    var result = self
    for dimension in dimensions where sizes[dimension] > 0 {
      result.offset += (sizes[dimension] - 1) * strides[dimension]
      result.strides[dimension] = -strides[dimension]
    }
    return result
  }

  /// The same elements under another shape, or `nil` when that needs a copy.
  func reshaped(to shape: Shape) -> StorageView? {
    if isContiguous { return with(sizes: shape.dimensions, strides: shape.rowMajorStrides) }
    // Only dimensions of size 1 come or go.
    let kept = sizes.indices.filter { sizes[$0] != 1 }
    guard kept.map({ sizes[$0] }) == shape.dimensions.filter({ $0 != 1 }) else { return nil }
    var rest = kept.map { strides[$0] }[...]
    return with(sizes: shape.dimensions, strides: shape.dimensions.map { $0 == 1 ? 0 : rest.popFirst() ?? 0 })
  }

  private func with(sizes: [Int], strides: [Int]) -> StorageView {
    var result = self
    result.sizes = sizes
    result.strides = strides
    return result
  }
}
