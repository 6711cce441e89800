import Foundation
import LatentTensorGraph

/// A planar flow (Rezende & Mohamed 2015, equation 10): f(z) = z + u' tanh(w.z + b), where u' is u moved along w until
/// w.u' > -1, so that the map is invertible (their appendix A.1).
///
/// There w.u' = softplus(w.u) - 1; here it is softplus(w.u + log(e - 1)) - 1, which is 0 at 0, so that small parameters
/// are near the identity and u' stays bounded as w vanishes. It is also kept above -0.9999, so that no log-determinant is
/// infinite. The inverse has no closed form.
public struct PlanarFlow: Bijection {
  /// The direction that the map looks at, [..., D].
  public let w: Tensor
  /// The direction that the map moves along, before it is constrained, [..., D].
  public let u: Tensor
  /// The place of the bend along w, [..., 1]: the map bends where w.z = -b.
  public let b: Tensor
  /// The direction that the map moves along, u', [..., D]: u moved along w until the map is invertible.
  public let constrainedU: Tensor
  /// w.u', [..., 1], always above -1.
  public let slope: Tensor

  /// Creates a map from parameters without constraints: w and u [..., D], b [..., 1].
  public init(w: Tensor, u: Tensor, b: Tensor) {
    (self.w, self.u, self.b) = (w, u, b)
    let product = (w * u).sum([-1], keepingDimensions: true)
    slope = product.aboveMinusOne()
    constrainedU = u + (slope - product) * w / (w.squared().sum([-1], keepingDimensions: true) + 1e-12)
  }

  /// How many numbers describe a map of vectors of D dimensions.
  public static func parameterCount(dimensions: Int) -> Int { 2 * dimensions + 1 }

  /// Creates a map from parameters without constraints, [..., 2 D + 1]: w, u, b.
  public init(parameters: Tensor) {
    let dimensions = (parameters.shape[-1] - 1) / 2
    self.init(
      w: parameters.slice(-1, 0..<dimensions), u: parameters.slice(-1, dimensions..<(2 * dimensions)),
      b: parameters.slice(-1, (2 * dimensions)..<(2 * dimensions + 1)))
  }

  /// `false`: z + u' tanh(w.z + b) has no inverse in closed form, so that only its own draws have a density.
  public var hasInverse: Bool { false }

  /// f(z) and log(1 + tanh'(w.z + b) w.u').
  public func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
    let bend = ((w * z).sum([-1], keepingDimensions: true) + b).tanh()
    let logDeterminant = ((1 - bend.squared()) * slope).log1p()
    return (z + constrainedU * bend, logDeterminant.reshape(Shape(logDeterminant.leading)))
  }

  /// `nil`, whatever the point: the inverse has no closed form.
  public func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)? { nil }
}

extension Tensor {
  /// A smooth increasing function of any number into (-0.9999, infinity), 0 at 0.
  func aboveMinusOne() -> Tensor { ((self + Foundation.log(M_E - 1)).softplus() - 1) * 0.9999 }
}
