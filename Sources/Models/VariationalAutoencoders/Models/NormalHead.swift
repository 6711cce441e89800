import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Dense layers that end in the mean and the log-variance of a diagonal Normal.
struct NormalHead {
  private let hidden: Sequential
  private let output: Dense
  private let latents: Int

  /// - Parameter network: what the hidden layers are like.
  init(_ name: String, network: any NetworkFamily, inputs: Int, hidden widths: [Int], latents: Int) {
    let (hidden, features) = network.chain(name, inputs: inputs, widths: widths)
    self.init(name, hidden: hidden, inputs: features, latents: latents)
  }

  /// A head without hidden layers.
  init(_ name: String, inputs: Int, latents: Int) {
    self.init(name, hidden: Sequential([]), inputs: inputs, latents: latents)
  }

  private init(_ name: String, hidden: Sequential, inputs: Int, latents: Int) {
    self.hidden = hidden
    output = Dense(name + "/normal", inputs: inputs, outputs: 2 * latents)
    self.latents = latents
  }

  var variables: [Variable] { hidden.variables + output.variables }

  /// The Normal of inputs [..., F].
  func callAsFunction(_ input: Tensor, mode: Mode) -> DiagonalNormal {
    let parts = output(hidden(input, mode: mode)).split(2, dimension: -1)
    return DiagonalNormal(mean: parts[0], logVariance: parts[1].smoothlyBounded())
  }
}

extension DiagonalNormal {
  /// One Normal for each draw, [1, B, D], where there is one for each example.
  func sharedByDraws() -> DiagonalNormal {
    guard mean.rank == 2 else { return self }
    let shape = [1] + mean.shape.dimensions
    return DiagonalNormal(mean: mean.reshape(shape), logVariance: logVariance.reshape(shape))
  }
}
