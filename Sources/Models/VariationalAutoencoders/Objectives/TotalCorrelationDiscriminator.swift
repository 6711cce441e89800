import LatentLayers
import LatentTensorGraph

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
