import Foundation
import LatentTensorGraph

/// A Normal distribution with independent dimensions.
public struct DiagonalNormal: FactorizedDistribution {
  /// The means, [..., D].
  public let mean: Tensor
  /// The natural logarithms of the variances; broadcasts with the means.
  public let logVariance: Tensor

  /// Creates a distribution from its means and log-variances.
  public init(mean: Tensor, logVariance: Tensor) {
    self.mean = mean
    self.logVariance = logVariance
  }

  /// -1/2 (log 2 pi + log s^2 + (x - m)^2 / s^2).
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    ((x - mean).squared() * (-logVariance).exp() + logVariance + Foundation.log(2 * Double.pi)) * -0.5
  }

  /// m + s * e with e from N(0, I) (Kingma & Welling 2013, section 2.4).
  public func sample(count: Int?) -> Tensor {
    let shape = Shape((count.map { [$0] } ?? []) + mean.shape.dimensions)
    let noise = mean.graph.random(.normal, shape: shape, type: mean.type)
    return mean + (logVariance * 0.5).exp() * noise
  }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    DiagonalNormal(mean: mean.stopGradient(), logVariance: logVariance.stopGradient())
  }

  /// Registered: to another diagonal Normal, and to the standard Normal (Kingma & Welling 2013, appendix B).
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    switch other {
    case is StandardNormal:
      ((mean.squared() + logVariance.exp()) - logVariance - 1) * 0.5
    case let other as DiagonalNormal:
      ((logVariance - other.logVariance).exp() + (mean - other.mean).squared() * (-other.logVariance).exp()
        - (logVariance - other.logVariance) - 1) * 0.5
    default: nil
    }
  }
}
