import LatentDiagnostics
import LatentTensorGraph

extension Tensor {
  /// The elements of square matrices [..., D, D] whose column is greater or less than their row; zeros elsewhere.
  func triangle(_ comparison: Comparison) -> Tensor {
    let size = shape[-1]
    let numbers = (0..<size).map(Double.init)
    let mask = graph.constant(numbers, shape: [1, size]).compare(comparison, graph.constant(numbers, shape: [size, 1]))
    return mask.select(self, scalar(0))
  }

  /// The diagonals [..., D] of square matrices [..., D, D].
  func diagonals() -> Tensor {
    let size = shape[-1]
    let flat = reshape(Shape(leading.dropLast() + [size * size]))
    var strides = [Int](repeating: 1, count: flat.rank)
    strides[flat.rank - 1] = size + 1
    return flat.slice(starts: strides.map { _ in 0 }, limits: flat.shape.dimensions, strides: strides)
  }

  /// Matrices [..., D, D] with these diagonals [..., D].
  func diagonalMatrices() -> Tensor {
    let size = shape[-1]
    let numbers = (0..<size).map(Double.init)
    let mask = graph.constant(numbers, shape: [1, size]).compare(.equal, graph.constant(numbers, shape: [size, 1]))
    return mask.select(expandingDimension(-1), scalar(0))
  }

  /// [..., R, C] to [..., C, R].
  func transposedMatrices() -> Tensor {
    var order = Array(0..<rank)
    order.swapAt(rank - 1, rank - 2)
    return transpose(order)
  }

  /// M v for these matrices [..., R, C] and vectors [..., C], whose leading dimensions broadcast.
  ///
  /// In full precision even where the graph's products of matrices are not: densities depend on it.
  func timesVectors(_ vectors: Tensor) -> Tensor {
    let batch = Array(leading.dropLast())
    guard graph.matrixPrecision == .float32, vectors.rank >= 2, vectors.leading.suffix(batch.count) == batch[...] else {
      return (self * vectors.expandingDimension(-2)).sum([-1])
    }
    if batch.isEmpty { return vectors.dot(self, transposeRight: true) }
    // The vectors of one matrix as the rows of another: seven times faster for 50 vectors [100, 40] than one by one.
    let count = batch.reduce(1, *)
    let rows = vectors.reshape([-1, count, shape[-1]]).transpose([1, 0, 2])
    let products = rows.dot(reshape([count, shape[-2], shape[-1]]), transposeRight: true)
    return products.transpose([1, 0, 2]).reshape(Shape(vectors.leading + [shape[-2]]))
  }

  /// M N for these matrices [..., R, K] and others [..., K, C], whose leading dimensions broadcast, in full precision.
  func timesMatrices(_ others: Tensor) -> Tensor {
    if graph.matrixPrecision == .float32,
      rank == 2 || others.rank == 2 || leading.dropLast() == others.leading.dropLast()
    {
      return dot(others)
    }
    return (expandingDimension(-1) * others.expandingDimension(-3)).sum([-2])
  }

  /// L^-1 B for these lower-triangular matrices [..., D, D] and others [..., D, C], whose leading dimensions broadcast.
  ///
  /// Forward substitution: a loop over the rows, each of which is taken from what is known of those before it.
  func triangularlySolved(_ others: Tensor, inverseDiagonal: Tensor) -> Tensor {
    let (size, columns) = (shape[-1], others.shape[-1])
    let matrixLeading = Shape(Array(leading.dropLast()))
    guard let common = matrixLeading.broadcast(with: Shape(Array(others.leading.dropLast()))) else {
      stop("the leading dimensions of \(shape) and \(others.shape) do not broadcast")
    }
    let whole = Shape(common.dimensions + [size, columns])
    /// The dimension of the rows first.
    func rows(_ tensor: Tensor, from dimension: Int) -> Tensor {
      let place = tensor.rank + dimension
      return tensor.transpose([place] + (0..<tensor.rank).filter { $0 != place })
    }
    let given = [
      graph.iota(shape: [size], dimension: 0), rows(self, from: -2), rows(others.broadcast(to: whole), from: -2),
      rows(inverseDiagonal, from: -1),
    ]
    let places = graph.iota(shape: [size, 1], dimension: 0)
    let solved = graph.scan(given, carrying: [graph.constant([0], shape: whole, type: type)]) { carried, slices in
      // Rows that are not known yet are 0, and so is what the matrix has above its diagonal.
      let known = (slices[1].expandingDimension(-1) * carried[0]).sum([-2])
      let row = (slices[2] - known) * slices[3].expandingDimension(-1)
      return ([places.compare(.equal, slices[0]).select(row.expandingDimension(-2), carried[0])], [])
    }
    return solved.carried[0]
  }
}
