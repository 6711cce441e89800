import LatentTensorGraph

/// A radial flow (Rezende & Mohamed 2015, equation 14): f(z) = z + b' (z - c) / (a + |z - c|) with a > 0 and b' > -a, so that
/// the map is invertible (their appendix A.2).
///
/// From numbers without constraints, a is their softplus, and b' = a times what `PlanarFlow` makes of w.u: 0 at 0. The
/// inverse, for which the distance from the centre is the root of a quadratic, is not computed: a posterior needs the
/// density of its own draws only.
public struct RadialFlow: Bijection {
  /// c, around which the map contracts or expands, [..., D].
  public let center: Tensor
  /// a, [..., 1], above 0: the distance from the centre within which the map works most.
  public let alpha: Tensor
  /// b', [..., 1], above -a: how far the map pushes away from the centre, or pulls towards it below 0.
  public let beta: Tensor

  /// Creates a map from parameters without constraints: the centre [..., D], alpha and beta [..., 1].
  public init(center: Tensor, alpha: Tensor, beta: Tensor) {
    self.center = center
    self.alpha = alpha.softplus() + 1e-4
    self.beta = self.alpha * beta.aboveMinusOne()
  }

  /// How many numbers describe a map of vectors of D dimensions.
  public static func parameterCount(dimensions: Int) -> Int { dimensions + 2 }

  /// Creates a map from parameters without constraints, [..., D + 2]: the centre, alpha, beta.
  public init(parameters: Tensor) {
    let dimensions = parameters.shape[-1] - 2
    self.init(
      center: parameters.slice(-1, 0..<dimensions), alpha: parameters.slice(-1, dimensions..<(dimensions + 1)),
      beta: parameters.slice(-1, (dimensions + 1)..<(dimensions + 2)))
  }

  /// `false`: the inverse is not computed, so that only the flow's own draws have a density.
  public var hasInverse: Bool { false }

  /// f(z) and (D - 1) log(1 + b' h) + log(1 + b' h + b' h' r), with r = |z - c|, h = 1 / (a + r), h' = -h^2.
  public func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
    let offset = z - center
    let square = offset.squared().sum([-1], keepingDimensions: true)
    // A distance of exactly zero would have an infinite gradient.
    let distance = (square + 1e-12).squareRoot()
    let h = 1 / (alpha + distance)
    let across = (beta * h).log1p() * Double(z.shape[-1] - 1)
    let along = (beta * (h - h.squared() * square / distance)).log1p()
    let logDeterminant = across + along
    return (z + beta * h * offset, logDeterminant.reshape(Shape(logDeterminant.leading)))
  }

  /// `nil`, whatever the point: the inverse is not computed.
  public func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)? { nil }
}
