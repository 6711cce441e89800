import LatentTensorGraph

/// An invertible map of vectors [..., D], with the logarithm of the absolute value of its Jacobian's determinant.
///
/// Parameters and vectors broadcast over their leading dimensions.
public protocol Bijection {
  /// Whether the inverse is known in closed form.
  var hasInverse: Bool { get }

  /// From base to data: the value, [..., D], and the log-determinant of d value / d z, [...], in nats.
  func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor)

  /// From data to base: the value, [..., D], and the log-determinant of d value / d x, [...], in nats; `nil` where the
  /// inverse has no closed form.
  func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)?
}
