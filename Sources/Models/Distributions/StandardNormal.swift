import Foundation
import LatentTensorGraph

/// The Normal distribution with mean zero and the identity for its covariance, N(0, I): the usual prior p(z).
public struct StandardNormal: FactorizedDistribution {
  /// Zeros, [..., D].
  public let mean: Tensor

  /// Creates the distribution in a graph; the shape's last dimension is D.
  public init(shape: Shape, in graph: Graph, type: ElementType = .float32) {
    mean = graph.constant([0], shape: shape, type: type)
  }

  /// log p(x_d) = -1/2 (log 2 pi + x_d^2), of shape [..., D], in nats.
  public func elementLogProbability(_ x: Tensor) -> Tensor { (x.squared() + Foundation.log(2 * Double.pi)) * -0.5 }

  /// Draws from N(0, I), [count, ..., D] or [..., D]; there are no parameters for gradients to flow to.
  public func sample(count: Int?) -> Tensor {
    let shape = Shape((count.map { [$0] } ?? []) + mean.shape.dimensions)
    return mean.graph.random(.normal, shape: shape, type: mean.type)
  }

  /// The distribution itself: it has no parameters.
  public var detached: (any Distribution)? { self }

  /// The divergence of each dimension, [..., D], in nats: 0 to another standard Normal, and to a diagonal Normal that
  /// of means 0 and variances 1; `nil` to anything else.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    if other is StandardNormal { return mean }
    return DiagonalNormal(mean: mean, logVariance: mean).elementKullbackLeibler(to: other)
  }
}
