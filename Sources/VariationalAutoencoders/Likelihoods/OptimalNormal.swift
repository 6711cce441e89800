import Distributions
import Foundation
import Layers
import TensorGraph

/// Normals of one variance, which is the mean squared error of what they are asked about: the variance under which that
/// is most probable (sigma-VAE, Rybkin et al. 2021, equation 6).
///
/// In training each batch has its own, and a running mean is kept; in inference the running one counts.
struct OptimalNormal: FactorizedDistribution {
  let mean: Tensor
  let running: Variable
  let mode: Mode

  func elementLogProbability(_ x: Tensor) -> Tensor {
    let graph = mean.graph
    let old = graph.read(running)
    guard mode == .training else { return DiagonalNormal(mean: mean, logVariance: old).elementLogProbability(x) }
    let logVariance = ((x - mean).squared().mean() + 1e-8).log().reshape([1])
    graph.update(running, to: old * 0.99 + logVariance.stopGradient() * 0.01)
    return DiagonalNormal(mean: mean, logVariance: logVariance).elementLogProbability(x)
  }

  func sample(count: Int?) -> Tensor {
    DiagonalNormal(mean: mean, logVariance: mean.graph.read(running)).sample(count: count)
  }
}
