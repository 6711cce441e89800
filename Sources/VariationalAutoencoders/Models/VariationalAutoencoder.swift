import Diagnostics
import Layers

/// A point in the space of models: a prior, an encoder that gives a posterior, and a decoder that gives a likelihood.
///
/// A value that describes a model; `Model` is the model itself, with variables.
public struct VariationalAutoencoder: Codable, Hashable, Sendable {
  /// An encoder: its network and the posterior at its end.
  public struct Encoder: Codable, Hashable, Sendable {
    /// The layers.
    public var network: Network
    /// q(z|x).
    public var posterior: Posterior

    /// Dense layers.
    public static func mlp(
      hidden: [Int], activation: Activation = .tanh, posterior: Posterior = .diagonalNormal
    ) -> Encoder {
      Encoder(network: .mlp(hidden: hidden, activation: activation), posterior: posterior)
    }

    /// Convolutions of stride 2, then dense layers.
    public static func convolutional(
      channels: [Int], hidden: [Int], activation: Activation = .relu, posterior: Posterior = .diagonalNormal
    ) -> Encoder {
      Encoder(
        network: .convolutional(channels: channels, hidden: hidden, activation: activation), posterior: posterior)
    }
  }

  /// A decoder: its network and the likelihood at its end.
  public struct Decoder: Codable, Hashable, Sendable {
    /// The layers, described from the data to the latents.
    public var network: Network
    /// p(x|z).
    public var likelihood: Likelihood

    /// Dense layers.
    public static func mlp(
      hidden: [Int], activation: Activation = .tanh, likelihood: Likelihood = .bernoulli
    ) -> Decoder {
      Decoder(network: .mlp(hidden: hidden, activation: activation), likelihood: likelihood)
    }

    /// Dense layers, then transposed convolutions of stride 2.
    public static func convolutional(
      channels: [Int], hidden: [Int], activation: Activation = .relu, likelihood: Likelihood = .bernoulli
    ) -> Decoder {
      Decoder(
        network: .convolutional(channels: channels, hidden: hidden, activation: activation), likelihood: likelihood)
    }
  }

  /// p(z).
  public var prior: Prior
  /// From examples to posteriors.
  public var encoder: Encoder
  /// From latents to likelihoods.
  public var decoder: Decoder

  /// Creates a description.
  public init(prior: Prior, encoder: Encoder, decoder: Decoder) {
    self.prior = prior
    self.encoder = encoder
    self.decoder = decoder
  }

  /// Refuses what cannot be built for examples of a shape, or makes no sense with the objective.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  public func validate(exampleShape: [Int], objective: Objective) throws {
    guard (1...65_536).contains(prior.dimensions) else {
      throw LatentError.usage(
        "A model cannot have \(prior.dimensions) latents", remedy: "Set model.prior.dimensions from 1 to 65536")
    }
    try encoder.network.validate("encoder", exampleShape: exampleShape)
    try decoder.network.validate("decoder", exampleShape: exampleShape)
    let deviation = decoder.likelihood.standardDeviation
    guard deviation.isFinite, (1e-4...1e4).contains(deviation) else {
      throw LatentError.usage(
        "A likelihood cannot have the standard deviation \(deviation)",
        remedy: "Set model.decoder.likelihood.standardDeviation from 0.0001 to 10000")
    }
    guard [.identity, .logistic].contains(decoder.likelihood.meanActivation) else {
      throw LatentError.usage(
        "A likelihood's mean cannot be passed through \(decoder.likelihood.meanActivation.rawValue)",
        remedy: "Set model.decoder.likelihood.meanActivation to identity or logistic")
    }
    guard (1...10_000).contains(objective.samples) else {
      throw LatentError.usage(
        "An objective cannot draw \(objective.samples) samples", remedy: "Set objective.samples from 1 to 10000")
    }
    switch (objective.kind, encoder.posterior) {
    case (.evidenceLowerBound, .point):
      throw LatentError.usage(
        "The evidence lower bound needs a posterior with a density, which a point has not",
        remedy: "Set objective.kind=reconstruction, or model.encoder.posterior=diagonalNormal")
    case (.evidenceLowerBound, .diagonalNormal), (.reconstruction, .point), (.reconstruction, .diagonalNormal):
      break
    }
  }
}
