import Distributions
import Foundation
import Layers
import TensorGraph

/// A penalty of dependence between latents: KL(q(z) || prod_d q(z_d)).
public struct TotalCorrelation: Codable, Hashable, Sendable {
  /// How the total correlation of a batch is estimated.
  public enum Estimator: String, Codable, Hashable, Sendable, CaseIterable {
    /// From the batch, as if all other examples were like it (Chen et al. 2018, section 4.1).
    case weightedSampling
    /// From the batch, without bias for an example's own density (Chen et al. 2018, appendix C.2).
    case stratifiedSampling
    /// By a network that tells draws from draws with shuffled dimensions (Kim & Mnih 2018).
    case densityRatio
  }

  /// The weight added to the rate's own: beta - 1 of beta-TCVAE, gamma of FactorVAE; 0 for no such term.
  public var weight: ScheduledValue = 0
  /// How the total correlation of a batch is estimated.
  public var estimator = Estimator.weightedSampling
  /// The widths of the network's hidden layers.
  public var hidden = [1000, 1000, 1000, 1000, 1000, 1000]

  /// A weight of 0: no penalty.
  public init() {}

  /// Whether there is a penalty.
  var isOn: Bool { weight.isOn }

  /// The estimate from a batch of posteriors and a draw [B, D] from each, a scalar in nats.
  ///
  /// - Parameter examples: how many examples the training set has.
  func sampled(_ posterior: DiagonalNormal, _ z: Tensor, examples: Int) -> Tensor {
    let (count, latents) = (z.shape[0], z.shape[1])
    // log q(z_i,d | x_j) as [i, j, d].
    let density = DiagonalNormal(
      mean: posterior.mean.reshape([1, count, latents]),
      logVariance: posterior.logVariance.reshape([1, count, latents])
    ).elementLogProbability(z.reshape([count, 1, latents]))
    var logWeights = z.graph.constant([-Foundation.log(Double(examples) * Double(count))], shape: [count, count])
    if estimator == .stratifiedSampling {
      logWeights = z.graph.constant(stratifiedLogWeights(count, examples: examples), shape: [count, count])
    }
    let joint = (density.sum([2]) + logWeights).logSumExp([1])
    let marginals = (density + logWeights.reshape([count, count, 1])).logSumExp([1]).sum([1])
    return (joint - marginals).mean()
  }

  /// An example's own density counts 1 / N; one of the others stands for those that are not in the batch.
  private func stratifiedLogWeights(_ count: Int, examples: Int) -> [Double] {
    let (total, others) = (Double(max(examples, count)), Double(count - 1))
    let represented = max(1e-12, (total - others) / (total * max(1, others)))
    return (0..<count).flatMap { row in
      (0..<count).map { column -> Double in
        if row == column { return -Foundation.log(total) }
        return column == (row + 1) % count ? Foundation.log(represented) : -Foundation.log(max(1, others))
      }
    }
  }
}

/// The network that tells latents from latents with shuffled dimensions (Kim & Mnih 2018).
struct TotalCorrelationDiscriminator {
  private let network: Sequential

  init(latents: Int, hidden: [Int]) {
    var inputs = latents
    var layers: [any Layer] = []
    for (index, width) in hidden.enumerated() {
      layers.append(Dense("discriminator/hidden\(index)", inputs: inputs, outputs: width, activation: .leakyRelu))
      inputs = width
    }
    network = Sequential(layers + [Dense("discriminator/output", inputs: inputs, outputs: 1)])
  }

  var variables: [Variable] { network.variables }

  /// log q(z) - log prod_d q(z_d) as the network sees it, averaged over draws [B, D].
  func estimate(_ z: Tensor) -> Tensor { network(z, mode: .training).mean() }

  /// What the network minimises: its error in telling draws from draws whose dimensions come from different examples.
  func loss(_ z: Tensor) -> Tensor {
    let draws = z.stopGradient()
    let isDraw = network(draws, mode: .training)
    let isShuffled = network(shuffled(draws), mode: .training)
    return ((-isDraw).softplus().mean() + isShuffled.softplus().mean()) * 0.5
  }

  /// Dimension d of every row from the row d places further on. The batch is in random order, so these are other examples.
  private func shuffled(_ z: Tensor) -> Tensor {
    let count = z.shape[0]
    let columns = (0..<z.shape[1]).map { latent -> Tensor in
      let (column, offset) = (z.slice(1, latent..<(latent + 1)), latent % count)
      guard offset > 0 else { return column }
      return Tensor.concatenate([column.slice(0, offset..<count), column.slice(0, 0..<offset)], dimension: 0)
    }
    return Tensor.concatenate(columns, dimension: 1)
  }
}
