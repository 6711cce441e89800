import Foundation
import LatentTensorGraph

/// A Laplace distribution with independent dimensions; its distortion is an absolute error.
public struct Laplace: FactorizedDistribution {
  /// The means, which are the medians too, [..., D].
  public let mean: Tensor
  /// The natural logarithms of the scales, the mean absolute deviations; broadcasts with the means.
  public let logScale: Tensor

  /// Creates a distribution from its means and log-scales.
  public init(mean: Tensor, logScale: Tensor) {
    self.mean = mean
    self.logScale = logScale
  }

  /// log p(x_d) = -|x_d - m_d| / b_d - log(2 b_d), of shape [..., D], in nats.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    -((x - mean).absoluteValue() * (-logScale).exp() + logScale + Foundation.log(2))
  }

  /// m + b * e with e the difference of two exponential numbers; gradients flow.
  public func sample(count: Int?) -> Tensor {
    let graph = mean.graph
    let shape = mean.shape.draws(count)
    let (first, second) = (
      graph.openUniform(shape: shape, type: mean.type), graph.openUniform(shape: shape, type: mean.type)
    )
    return mean + logScale.exp() * (first.log() - second.log())
  }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    Laplace(mean: mean.stopGradient(), logScale: logScale.stopGradient())
  }

  /// Registered: to another Laplace, log(b'/b) + |m - m'| / b' + (b / b') exp(-|m - m'| / b) - 1.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    guard let other = other as? Laplace else { return nil }
    let distance = (mean - other.mean).absoluteValue()
    let logRatio = logScale - other.logScale
    let overlap = (logRatio - distance * (-logScale).exp()).exp()
    return distance * (-other.logScale).exp() + overlap - logRatio - 1
  }
}
