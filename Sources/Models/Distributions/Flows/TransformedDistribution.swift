import LatentDiagnostics
import LatentTensorGraph

/// What becomes of a distribution's draws when bijections are applied to them (Rezende & Mohamed 2015, equation 13).
///
/// Draws come with their density by the forward maps alone. The density of other points needs every inverse.
public struct TransformedDistribution: Distribution {
  /// The distribution of what goes into the first bijection.
  public let base: any Distribution
  /// The maps, in the order in which a draw goes through them.
  public let bijections: [any Bijection]

  /// Creates a distribution of vectors of the base's shape.
  public init(base: any Distribution, through bijections: [any Bijection]) {
    self.base = base
    self.bijections = bijections
  }

  /// Whether `logProbability` is known for any point, not only for draws.
  public var hasDensity: Bool {
    bijections.allSatisfy { $0.hasInverse } && (base as? TransformedDistribution)?.hasDensity ?? true
  }

  /// log p(f^-1(x)) + log |det d f^-1(x) / dx|.
  ///
  /// - Precondition: `hasDensity`.
  public func logProbability(_ x: Tensor) -> Tensor {
    var value = x
    var logDeterminants: [Tensor] = []
    for bijection in bijections.reversed() {
      guard let (before, logDeterminant) = bijection.inverse(value) else {
        stop(
          "\(type(of: bijection)) has no inverse in closed form, so only its draws have a density: "
            + "use sampleWithLogProbability, or ask hasDensity first")
      }
      value = before
      logDeterminants.append(logDeterminant)
    }
    return logDeterminants.reduce(base.logProbability(value), +)
  }

  /// The images of the base's draws; gradients flow to the bijections' parameters and as far as the base lets them.
  public func sample(count: Int?) -> Tensor { forward(base.sample(count: count)).value }

  /// The images of the base's draws with log p(z) - log |det df(z) / dz|.
  public func sampleWithLogProbability(count: Int?) -> (sample: Tensor, logProbability: Tensor) {
    let (draw, logProbability) = base.sampleWithLogProbability(count: count)
    let (value, logDeterminants) = forward(draw)
    return (value, logDeterminants.reduce(logProbability, -))
  }

  /// The image of the base's mean, which is not the expectation where the maps are not linear.
  public var mean: Tensor { forward(base.mean).value }

  private func forward(_ z: Tensor) -> (value: Tensor, logDeterminants: [Tensor]) {
    var value = z
    var logDeterminants: [Tensor] = []
    for bijection in bijections {
      let (after, logDeterminant) = bijection.forward(value)
      value = after
      logDeterminants.append(logDeterminant)
    }
    return (value, logDeterminants)
  }
}
