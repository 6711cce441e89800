import Foundation
import LatentTensorGraph

/// A Normal distribution with full covariance, by a triangular factor of the covariance or of its inverse.
///
/// By the covariance's factor draws are cheap and know their density; other points cost forward substitution, a loop over
/// D. By the precision's it is the other way round, and divergences to it are cheap: the form for a learned prior.
public struct MultivariateNormal: Distribution {
  /// What the factor L is a factor of.
  public enum Form: Hashable, Sendable {
    /// The covariance is L L^T: x = m + L e, with e from N(0, I).
    case covariance
    /// The inverse of the covariance is L^T L: e = L (x - m).
    case precision
  }

  /// The means, [..., D].
  public let mean: Tensor
  /// L, [..., D, D]; its leading dimensions broadcast with the means'.
  public let factor: CholeskyFactor
  /// Whether L is a factor of the covariance or of its inverse.
  public let form: Form

  /// Creates a distribution from means [..., D] and a factor [..., D, D] of the covariance or of its inverse.
  public init(mean: Tensor, factor: CholeskyFactor, form: Form = .covariance) {
    self.mean = mean
    self.factor = factor
    self.form = form
  }

  /// -1/2 (D log 2 pi + log det S + (x - m)^T S^-1 (x - m)).
  public func logProbability(_ x: Tensor) -> Tensor { logProbability(noise: whitened(x - mean)) }

  /// A reparameterised draw, [count, ..., D] or [..., D]: m + L e, or m + L^-1 e by a factor of the precision, with e
  /// from N(0, I).
  public func sample(count: Int?) -> Tensor { sampleWithLogProbability(count: count).sample }

  /// A draw and its density, which is known from the noise it was made of.
  public func sampleWithLogProbability(count: Int?) -> (sample: Tensor, logProbability: Tensor) {
    let shape = Shape((count.map { [$0] } ?? []) + mean.leading(with: factor.logDiagonal) + [mean.shape[-1]])
    let noise = mean.graph.random(.normal, shape: shape, type: mean.type)
    let offset =
      switch form {
      case .covariance: factor.applied(to: noise)
      case .precision: factor.solved(noise)
      }
    return (mean + offset, logProbability(noise: noise))
  }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    MultivariateNormal(mean: mean.stopGradient(), factor: factor.detached, form: form)
  }

  /// e for an offset L e from the mean, or L^-1 e.
  func whitened(_ offset: Tensor) -> Tensor {
    switch form {
    case .covariance: factor.solved(offset)
    case .precision: factor.applied(to: offset)
    }
  }

  /// 1/2 log det S, [...].
  var logScale: Tensor {
    let sum = factor.logDiagonal.sum([-1])
    return switch form {
    case .covariance: sum
    case .precision: -sum
    }
  }

  private func logProbability(noise: Tensor) -> Tensor {
    (noise.squared() + Foundation.log(2 * Double.pi)).sum([-1]) * -0.5 - logScale
  }
}
