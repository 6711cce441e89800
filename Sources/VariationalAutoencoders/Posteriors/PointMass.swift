import Distributions
import TensorGraph

/// All probability at one point.
struct PointMass: Distribution {
  let mean: Tensor

  /// Zeros: a point has no density. Objectives that need one refuse this posterior before they are traced.
  func logProbability(_ x: Tensor) -> Tensor { (x - mean).sum([-1]) * 0 }

  func sample(count: Int?) -> Tensor {
    count.map { mean.broadcast(to: Shape([$0] + mean.shape.dimensions)) } ?? mean
  }

  /// None: the divergence of a point from a density is infinite.
  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? { nil }
}
