import Distributions
import TensorGraph

/// Pulls the covariance of the latents over the data towards the identity: DIP-VAE (Kumar et al. 2018).
public struct CovariancePenalty: Codable, Hashable, Sendable {
  /// Of what the covariance over the data is taken.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// The posterior means' (DIP-VAE-I).
    case means
    /// The draws', to which the posteriors' variances belong (DIP-VAE-II).
    case draws
  }

  /// Of what the covariance over the data is taken: posterior means, or draws.
  public var kind = Kind.means
  /// The weight of the squares off the diagonal; 0 for no such term.
  public var offDiagonal: ScheduledValue = 0
  /// The weight of the squared distances of the diagonal from 1.
  public var diagonal: ScheduledValue = 0

  /// Weights of 0: no penalty.
  public init() {}

  /// Whether there is a penalty.
  var isOn: Bool { offDiagonal.isOn || diagonal.isOn }

  /// The squares off the diagonal and the squared distances of the diagonal from 1, for a batch of posteriors [B, D]: scalars.
  func squares(_ posterior: DiagonalNormal) -> (offDiagonal: Tensor, diagonal: Tensor) {
    let (count, latents) = (posterior.mean.shape[0], posterior.mean.shape[1])
    let centred = posterior.mean - posterior.mean.mean([0], keepingDimensions: true)
    var covariance = centred.transpose([1, 0]).dot(centred) / Double(count)
    let graph = covariance.graph
    let identity = graph.constant(
      (0..<(latents * latents)).map { $0 % (latents + 1) == 0 ? 1 : 0 }, shape: [latents, latents])
    if kind == .draws {
      covariance = covariance + identity * posterior.logVariance.exp().mean([0]).reshape([1, latents])
    }
    return ((covariance.squared() * (1 - identity)).sum(), ((covariance - 1).squared() * identity).sum())
  }
}
