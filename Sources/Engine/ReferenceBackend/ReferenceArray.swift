import LatentDiagnostics
import LatentTensorGraph

/// Numbers in row-major order and their shape.
struct ReferenceArray {
  let shape: Shape
  let elements: [Double]

  init(_ shape: Shape, _ elements: [Double]) {
    require(elements.count == shape.elementCount, "\(elements.count) elements for \(shape)")
    self.shape = shape
    self.elements = elements
  }

  subscript(_ index: [Int]) -> Double { elements[offset(index)] }

  func offset(_ index: [Int]) -> Int { zip(index, shape.rowMajorStrides).reduce(0) { $0 + $1.0 * $1.1 } }
}

/// Every index of a shape in row-major order.
func indices(of shape: Shape) -> [[Int]] {
  guard shape.elementCount > 0 else { return [] }
  var result: [[Int]] = []
  var index = [Int](repeating: 0, count: shape.rank)
  for _ in 0..<shape.elementCount {
    result.append(index)
    for axis in index.indices.reversed() {
      index[axis] += 1
      if index[axis] < shape[axis] { break }
      index[axis] = 0
    }
  }
  return result
}
