import LatentLayers
import LatentOptimizers
import LatentVariationalAutoencoders

extension Preset {
  /// Values one after another: exact models of their own, decoders, and priors of codes.
  static let autoregressive: [Preset] = [
    Preset(
      "made", "masked dense layers, an exact likelihood of binary images", paper: "Germain et al. 2015",
      exact(.autoregressive(.masked(hidden: [8000])), learningRate: 1e-3, epochs: 30)),
    Preset(
      "nade", "a hidden layer that sees one more pixel at every place", paper: "Larochelle & Murray 2011",
      exact(.autoregressive(.nade()), learningRate: 1e-3, epochs: 30)),
    Preset(
      "pixelcnn", "gated convolutions of the pixels above and to the left", paper: "van den Oord et al. 2016",
      exact(.autoregressive(.gatedPixelCNN()), learningRate: 2e-3, epochs: 20)),
    Preset(
      "pixel-transformer", "a causal transformer over squares of 2 x 2 binary pixels", paper: "Vaswani et al. 2017",
      exact(
        .autoregressive(.transformer(features: 96, heads: 4, blocks: 6), output: .binaryPatterns, patchSize: 2),
        learningRate: 1e-3, epochs: 20)),
    Preset(
      "pixel-vae", "16 latents, and a small PixelCNN that goes on from what the decoder says",
      paper: "Gulrajani et al. 2017",
      RunConfiguration(
        model: VariationalAutoencoder(
          prior: .standardNormal(dimensions: 16), encoder: .convolutional(channels: [32, 64], hidden: [256]),
          decoder: .convolutional(
            channels: [32, 64], hidden: [256],
            likelihood: .autoregressive(.gatedPixelCNN(features: 24, blocks: 4), context: 16))),
        optimizer: .adam(learningRate: 1e-3), schedule: .init(.cosine), binarization: .stochastic, epochs: 20)),
  ]

  /// Priors that are learned of the codes of a finished run.
  static let secondStages: [Preset] = [
    Preset(
      "pixelcnn-prior", "a gated PixelCNN over the codes of a finished run (--autoencoder)",
      paper: "van den Oord et al. 2017, section 3.3",
      prior(pixels, learningRate: 1e-3), isSecondStage: true),
    Preset(
      "transformer-prior", "a causal transformer over the codes of a finished run (--autoencoder)",
      paper: "Esser et al. 2021, section 3.2",
      prior(transformer, learningRate: 1e-3), isSecondStage: true),
  ]

  private static var transformer: CausalTransformer {
    var network = CausalTransformer()
    (network.blocks, network.dropout) = (6, 0.1)
    return network
  }

  private static var pixels: GatedPixelNetwork {
    var network = GatedPixelNetwork()
    (network.features, network.headFeatures, network.dropout) = (64, 128, 0.1)
    return network
  }

  private static func exact(
    _ likelihood: AutoregressiveLikelihood, learningRate: Double, epochs: Int
  ) -> RunConfiguration {
    RunConfiguration(
      model: .withoutLatents(likelihood), optimizer: .adam(learningRate: learningRate), schedule: .init(.cosine),
      binarization: .stochastic, epochs: epochs)
  }

  private static func prior(_ network: some AutoregressiveFamily, learningRate: Double) -> RunConfiguration {
    var configuration = quantized[0].configuration
    configuration.model.prior = .autoregressiveCodes(network)
    configuration.optimizer = .adam(learningRate: learningRate)
    (configuration.schedule, configuration.batchSize, configuration.epochs) = (.init(.cosine), 64, 30)
    return configuration
  }
}
