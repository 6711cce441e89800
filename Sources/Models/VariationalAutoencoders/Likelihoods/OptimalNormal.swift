import LatentDistributions
import Foundation
import LatentLayers
import LatentTensorGraph

/// Normals of one variance, which is the mean squared error of what they are asked about: the variance under which that
/// is most probable (sigma-VAE, Rybkin et al. 2021, equation 6).
///
/// In training each batch has its own, and a running mean is kept; in inference the running one counts. Values that are
/// missing have no error and take no part in the mean; where all are, the running variance counts.
struct OptimalNormal: FactorizedDistribution {
  let mean: Tensor
  let running: Variable
  let mode: Mode
  /// Which values of the examples are there, [B, D]; `nil` if all are.
  var observed: Tensor?

  func elementLogProbability(_ x: Tensor) -> Tensor {
    let graph = mean.graph
    let old = graph.read(running)
    guard mode == .training else { return DiagonalNormal(mean: mean, logVariance: old).elementLogProbability(x) }
    let logVariance = (meanSquare((x - mean).squared(), default: old.exp() - 1e-8) + 1e-8).log().reshape([1])
    graph.update(running, to: old * 0.99 + logVariance.stopGradient() * 0.01)
    return DiagonalNormal(mean: mean, logVariance: logVariance).elementLogProbability(x)
  }

  /// The mean over the values that are there.
  private func meanSquare(_ squares: Tensor, default empty: Tensor) -> Tensor {
    guard let observed else { return squares.mean() }
    let isThere = observed.broadcast(to: squares.shape)
    let count = isThere.converted(to: squares.type).sum()
    let mean = isThere.select(squares, squares.scalar(0)).sum() / count.maximum(1)
    return count.compare(.greater, count.scalar(0)).select(mean, empty.reshape(.scalar))
  }

  func sample(count: Int?) -> Tensor {
    DiagonalNormal(mean: mean, logVariance: mean.graph.read(running)).sample(count: count)
  }
}
