import LatentLayers
import LatentVariationalAutoencoders

extension Preset {
  /// Codes in the place of latents.
  static let quantized: [Preset] = [
    Preset(
      "vq-vae", "512 codes of 64 numbers, the codebook learned by moving averages",
      paper: "van den Oord et al. 2017, appendix A.1",
      codes(.vector(codes: 512, learning: .movingAverage), codeDimensions: 64)),
    Preset(
      "vq-vae-loss", "the same, the codebook learned by its loss", paper: "van den Oord et al. 2017, equation 3",
      codes(.vector(codes: 512), codeDimensions: 64)),
    Preset(
      "vq-vae-rotation", "the same by moving averages with dead codes replaced, gradients by rotation",
      paper: "Fifty et al. 2024",
      codes(living(.vector(codes: 512, learning: .movingAverage, gradient: .rotation)), codeDimensions: 64)),
    Preset(
      "sim-vq", "a learned map of 512 codes that stay as they are", paper: "Zhu et al. 2024",
      codes(.vector(codes: 512, learning: .linear, gradient: .rotation), codeDimensions: 64)),
    Preset(
      "vq-vae-2", "two grids of codes, the finer one given the coarser", paper: "Razavi et al. 2019",
      codes(living(.vector(codes: 512, learning: .movingAverage)), codeDimensions: 64, levels: 2, dataset: "emoji")),
    Preset(
      "fsq", "four numbers of 8, 5, 5 and 5 levels", paper: "Mentzer et al. 2023",
      codes(.finiteScalar(levels: [8, 5, 5, 5]), codeDimensions: 4)),
    Preset(
      "lfq", "the signs of nine numbers, kept in use by their entropy", paper: "Yu et al. 2023",
      codes(LookupFreeQuantizer(), codeDimensions: 9)),
    Preset(
      "rvq", "four codebooks of 256 codes, each for what is left over", paper: "Zeghidour et al. 2021",
      codes(
        .residual(4, of: living(.vector(codes: 256, learning: .movingAverage)), dropout: true), codeDimensions: 32)),
  ]

  /// Zeros and ones, and categories, in the place of latents.
  static let discrete: [Preset] = [
    Preset(
      "gumbel", "20 choices among 10 categories, relaxed", paper: "Jang et al. 2016",
      choices(.categorical(10))),
    Preset(
      "gumbel-bernoulli", "200 zeros and ones, relaxed", paper: "Maddison et al. 2016", choices(.bernoulli())),
    Preset(
      "vimco", "200 zeros and ones, by the scores of five draws", paper: "Mnih & Rezende 2016",
      choices(
        .bernoulli(draws: .discrete),
        Objective(
          .importanceWeighted, estimator: .monteCarlo, gradient: .leaveOneOut, importanceSamples: 5))),
    Preset(
      "dvae", "one of 512 categories at each place of a grid, relaxed, colours as logit-Laplace",
      paper: "Ramesh et al. 2021, section 2.1", discreteGrid),
  ]

  /// The discrete VAE of text-to-image systems, small: residual blocks to a quarter of the sides.
  private static var discreteGrid: RunConfiguration {
    var network = ResidualNetwork()
    (network.channels, network.hidden, network.heads, network.keepsGrid) = ([32, 64, 64], [], 0, true)
    return RunConfiguration(
      model: VariationalAutoencoder(
        prior: .uniformChoices(dimensions: 0), encoder: .init(network: network, posterior: .categorical(512)),
        decoder: .init(network: network, likelihood: .logitLaplace)),
      objective: Objective.elbo().with { $0.temperature = .linear(from: 1, to: 0.0625, epochs: 30) },
      schedule: .init(.cosine), dataset: "emoji", batchSize: 32, epochs: 60)
  }

  /// Layers of 512 and 256 rectified units on either side of 200 latents.
  private static func choices(
    _ posterior: some PosteriorFamily,
    _ objective: Objective = Objective.elbo().with { $0.temperature = .linear(from: 1, to: 0.5, epochs: 30) }
  ) -> RunConfiguration {
    RunConfiguration(
      model: VariationalAutoencoder(
        prior: .uniformChoices(dimensions: 200),
        encoder: .mlp(hidden: [512, 256], activation: .relu, posterior: posterior),
        decoder: .mlp(hidden: [512, 256], activation: .relu)),
      objective: objective, schedule: .init(.cosine), binarization: .stochastic, epochs: 60)
  }

  /// Convolutions to a quarter of the sides and two residual blocks (van den Oord et al. 2017, section 4.1), half as wide.
  private static func codes(
    _ quantizer: some QuantizerFamily, codeDimensions: Int, levels: Int = 1, dataset: String = "mnist"
  ) -> RunConfiguration {
    var network = ConvolutionalNetwork()
    (network.channels, network.hidden, network.blocks, network.keepsGrid) = ([64, 64], [], 2, true)
    return RunConfiguration(
      model: VariationalAutoencoder(
        prior: .uniformCodes,
        encoder: .init(
          network: network, posterior: .quantized(quantizer, codeDimensions: codeDimensions, levels: levels)),
        decoder: .init(
          network: network, likelihood: .normal(variance: .optimal, standardDeviation: 0.3, meanActivation: .logistic))),
      optimizer: .adam(learningRate: 5e-4), dataset: dataset, batchSize: 64, epochs: 30)
  }

  /// Started by k-means, with dead codes replaced.
  private static func living(_ quantizer: VectorQuantizer) -> VectorQuantizer {
    var result = quantizer
    (result.deadBelow, result.startIterations) = (0.5, 10)
    return result
  }
}
