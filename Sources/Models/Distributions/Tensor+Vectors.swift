import LatentDiagnostics
import LatentTensorGraph

extension Tensor {
  /// The sizes of all dimensions but the last.
  var leading: [Int] { Array(shape.dimensions.dropLast()) }

  /// The leading dimensions of vectors [..., D] broadcast with those of others.
  ///
  /// - Precondition: they broadcast.
  func leading(with other: Tensor?) -> [Int] {
    guard let other else { return leading }
    guard let result = Shape(leading).broadcast(with: Shape(other.leading)) else {
      stop("the leading dimensions of \(shape) and \(other.shape) do not broadcast")
    }
    return result.dimensions
  }

  /// Kept within ±limit by a smooth function that is nearly the identity around zero: the limit of 20 is for log-variances,
  /// of which then none can overflow or vanish.
  public func smoothlyBounded(within limit: Double = 20) -> Tensor { (self / limit).tanh() * limit }

  /// [..., 2, D] as two tensors [..., D].
  func pair() -> (Tensor, Tensor) {
    let shape = Shape(leading.dropLast() + [shape[-1]])
    return (slice(-2, 0..<1).reshape(shape), slice(-2, 1..<2).reshape(shape))
  }
}
