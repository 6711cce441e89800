import Foundation
import TensorGraph

/// N(0, I).
public struct StandardNormal: FactorizedDistribution {
  /// Zeros, [..., D].
  public let mean: Tensor

  /// Creates the distribution in a graph; the shape's last dimension is D.
  public init(shape: Shape, in graph: Graph, type: ElementType = .float32) {
    mean = graph.constant([0], shape: shape, type: type)
  }

  /// -1/2 (log 2 pi + x^2).
  public func elementLogProbability(_ x: Tensor) -> Tensor { (x.squared() + Foundation.log(2 * Double.pi)) * -0.5 }

  /// Standard normal numbers.
  public func sample(count: Int?) -> Tensor {
    let shape = Shape((count.map { [$0] } ?? []) + mean.shape.dimensions)
    return mean.graph.random(.normal, shape: shape, type: mean.type)
  }

  /// The distribution itself: it has no parameters.
  public var detached: (any Distribution)? { self }

  /// Registered: to another and to a diagonal Normal.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    if other is StandardNormal { return mean }
    return DiagonalNormal(mean: mean, logVariance: mean).elementKullbackLeibler(to: other)
  }
}
