import LatentTensorGraph

extension Tensor {
  /// [..., inputs] times a matrix [inputs, outputs], for a single vector too.
  func rowProduct(_ matrix: Tensor) -> Tensor {
    rank == 1 ? expandingDimension(0).dot(matrix).reshape([matrix.shape[1]]) : dot(matrix)
  }
}
