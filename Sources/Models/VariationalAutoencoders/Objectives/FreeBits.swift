import LatentDiagnostics
import LatentTensorGraph

/// Rate that costs nothing, so that latents stay in use (Kingma et al. 2016, appendix C.8).
public struct FreeBits: Codable, Hashable, Sendable {
  /// What the free rate is given to.
  public enum Scope: String, Codable, Hashable, Sendable, CaseIterable {
    /// Each latent of each layer, by Monte Carlo where there is no closed form. Posterior and prior must have independent
    /// dimensions: diagonal Normals, and a standard normal prior of the top layer.
    case dimension
    /// Each layer of latents as a whole, whatever its distributions.
    case group
  }

  /// The free rate in nats; 0 for none.
  public var nats: ScheduledValue = 0
  /// Whether each latent or each layer of them has the free rate.
  public var scope = Scope.dimension

  /// 0 nats: all rate costs.
  public init() {}

  /// sum_j max(lambda, mean over the batch of KL_j), a scalar; `nil` without layers.
  ///
  /// - Parameters:
  ///   - rates: for each layer, its rates [B, D] of each dimension where they are known, and their sums [B].
  ///   - nats: the free rate, a scalar.
  func cost(_ rates: [(elements: Tensor?, total: Tensor)], nats: Tensor) -> Tensor? {
    let costs = rates.map { elements, total in
      guard scope == .dimension else { return total.mean().maximum(nats) }
      guard let elements else {
        stop(
          "The rate is no sum over dimensions that free bits by dimension could be given to: set objective.freeBits.scope "
            + "to group, or ask VariationalAutoencoder.validate first")
      }
      return elements.mean([0]).maximum(nats).sum()
    }
    return costs.first.map { costs.dropFirst().reduce($0, +) }
  }
}

/// A rate to be kept near: weight |rate - nats| takes the place of beta times the rate (Burgess et al. 2018).
public struct Capacity: Codable, Hashable, Sendable {
  /// The rate, usually on a schedule, in nats.
  public var nats: ScheduledValue = 0
  /// The weight of the difference (gamma); 0 for no such term.
  public var weight: ScheduledValue = 0

  /// A weight of 0: the rate costs beta, as usual.
  public init() {}
}
