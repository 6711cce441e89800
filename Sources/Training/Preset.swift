import Datasets
import Diagnostics
import Optimizers
import VariationalAutoencoders

/// A named model: a configuration with a line that says what it is.
public struct Preset: Sendable {
  /// The name on the command line.
  public let name: String
  /// One line of what it is.
  public let summary: String
  /// Where it comes from.
  public let paper: String
  /// The settings that it stands for.
  public let configuration: RunConfiguration

  init(_ name: String, _ summary: String, paper: String, _ configuration: RunConfiguration) {
    self.name = name
    self.summary = summary
    self.paper = paper
    self.configuration = configuration
    precondition(configuration.preset == name)
  }

  /// All presets, in the order in which they are listed.
  public static let all: [Preset] = [
    Preset(
      "vae", "784-500-20 with tanh layers and Bernoulli pixels", paper: "Kingma & Welling 2013",
      RunConfiguration(
        preset: "vae",
        model: VariationalAutoencoder(
          prior: .standardNormal(dimensions: 20), encoder: .mlp(hidden: [500]), decoder: .mlp(hidden: [500])),
        binarization: .stochastic, epochs: 30)),
    Preset(
      "vae-2d", "two latents, for pictures of the whole latent plane", paper: "Kingma & Welling 2013, figure 4",
      RunConfiguration(
        preset: "vae-2d",
        model: VariationalAutoencoder(
          prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: [500]), decoder: .mlp(hidden: [500])),
        binarization: .stochastic, epochs: 30)),
    Preset(
      "vae-gaussian", "grey pixels as Normals with a learned variance", paper: "Kingma & Welling 2013, appendix C.2",
      RunConfiguration(
        preset: "vae-gaussian",
        model: VariationalAutoencoder(
          prior: .standardNormal(dimensions: 20), encoder: .mlp(hidden: [500]),
          decoder: .mlp(
            hidden: [500],
            likelihood: .normal(variance: .scalar, standardDeviation: 0.3, meanActivation: .logistic))),
        epochs: 30)),
    Preset(
      "vae-conv", "convolutions for 28 x 28 images, Bernoulli pixels",
      paper: "Kingma & Welling 2013, with convolutions",
      RunConfiguration(
        preset: "vae-conv",
        model: VariationalAutoencoder(
          prior: .standardNormal(dimensions: 20), encoder: .convolutional(channels: [32, 64], hidden: [256]),
          decoder: .convolutional(channels: [32, 64], hidden: [256])),
        binarization: .stochastic, epochs: 20)),
    Preset(
      "vae-conv64", "convolutions for 64 x 64 images, grey or colour", paper: "Higgins et al. 2017, table 1",
      RunConfiguration(
        preset: "vae-conv64",
        model: VariationalAutoencoder(
          prior: .standardNormal(dimensions: 10), encoder: .convolutional(channels: [32, 32, 64, 64], hidden: [256]),
          decoder: .convolutional(channels: [32, 32, 64, 64], hidden: [256])),
        optimizer: .adam(learningRate: 5e-4), dataset: "sprites", batchSize: 64, epochs: 20)),
    Preset(
      "ae", "the deterministic autoencoder that the others are compared with", paper: "Hinton & Salakhutdinov 2006",
      RunConfiguration(
        preset: "ae",
        model: VariationalAutoencoder(
          prior: .standardNormal(dimensions: 20), encoder: .mlp(hidden: [500], posterior: .point),
          decoder: .mlp(hidden: [500])),
        objective: .reconstruction, epochs: 30)),
  ]

  /// The preset of a name.
  ///
  /// - Throws: `LatentError` that names the nearest one.
  public static func named(_ name: String) throws -> Preset {
    if let preset = all.first(where: { $0.name == name }) { return preset }
    let nearest = nearestName(to: name, among: all.map(\.name))
    throw LatentError.usage(
      "There is no preset \(name)",
      remedy: nearest.map { "Did you mean \($0)?" } ?? "See `latent presets` for those there are")
  }
}
