import LatentLayers

/// A point in the space of models: a prior, an encoder that gives a posterior, and a decoder that gives a likelihood.
///
/// A value that describes a model; `Model` is the model itself, with variables.
public struct VariationalAutoencoder: Codable, Hashable, Sendable {
  /// An encoder: its network and the posterior at its end.
  public struct Encoder: Codable, Hashable, Sendable {
    /// The layers, described from the data to the latents.
    @Chosen<EncoderAxis> public var network: any EncoderFamily
    /// q(z|x): the distribution of the latents that the last layer describes.
    @Chosen<PosteriorAxis> public var posterior: any PosteriorFamily

    /// Creates an encoder.
    public init(network: any EncoderFamily, posterior: any PosteriorFamily) {
      self.network = network
      self.posterior = posterior
    }

    /// Dense layers of the given widths from the example to the posterior.
    public static func mlp(
      hidden: [Int], activation: Activation = .tanh, unit: DenseUnit = .plain,
      posterior: any PosteriorFamily = .diagonalNormal
    ) -> Encoder {
      Encoder(
        network: .mlp(hidden: hidden, activation: activation, unit: unit), posterior: posterior)
    }

    /// Convolutions of stride 2, then dense layers.
    public static func convolutional(
      channels: [Int], hidden: [Int], activation: Activation = .relu, posterior: any PosteriorFamily = .diagonalNormal
    ) -> Encoder {
      Encoder(
        network: .convolutional(channels: channels, hidden: hidden, activation: activation), posterior: posterior)
    }
  }

  /// A decoder: its network and the likelihood at its end.
  public struct Decoder: Codable, Hashable, Sendable {
    /// The layers, described from the data to the latents.
    @Chosen<DecoderAxis> public var network: any DecoderFamily
    /// p(x|z): the distribution of the data that the last layer describes.
    @Chosen<LikelihoodAxis> public var likelihood: any LikelihoodFamily

    /// Creates a decoder.
    public init(network: any DecoderFamily, likelihood: any LikelihoodFamily) {
      self.network = network
      self.likelihood = likelihood
    }

    /// Dense layers of the given widths, listed from the example to the latents, and gone through the other way.
    public static func mlp(
      hidden: [Int], activation: Activation = .tanh, unit: DenseUnit = .plain,
      likelihood: any LikelihoodFamily = .bernoulli
    ) -> Decoder {
      Decoder(network: .mlp(hidden: hidden, activation: activation, unit: unit), likelihood: likelihood)
    }

    /// Dense layers, then transposed convolutions of stride 2.
    public static func convolutional(
      channels: [Int], hidden: [Int], activation: Activation = .relu, likelihood: any LikelihoodFamily = .bernoulli
    ) -> Decoder {
      Decoder(
        network: .convolutional(channels: channels, hidden: hidden, activation: activation), likelihood: likelihood)
    }
  }

  /// p(z), of the latents, or of the top layer of them where there are several.
  @Chosen<PriorAxis> public var prior: any PriorFamily
  /// From examples to posteriors.
  public var encoder: Encoder
  /// From latents to likelihoods.
  public var decoder: Decoder
  /// Layers of latents above the first.
  public var hierarchy: Hierarchy
  /// What the model is given beside the examples.
  public var condition: Condition
  /// Whether values that are not numbers count as missing: encoded as zeros, and left out of the likelihood.
  public var missingValues: Bool

  /// Creates a description; whether its parts go together is asked by `validate`, before a model is made.
  public init(
    prior: any PriorFamily, encoder: Encoder, decoder: Decoder, hierarchy: Hierarchy = .single,
    condition: Condition = .none
  ) {
    self.prior = prior
    self.encoder = encoder
    self.decoder = decoder
    self.hierarchy = hierarchy
    self.condition = condition
    missingValues = false
  }

  /// Whether there is one layer of latents, whose posterior is a diagonal Normal, refined or not.
  var hasOneNormalLayer: Bool { hierarchy.layers.isEmpty && encoder.posterior.traits.contains(.diagonalNormal) }

  /// Whether there is one layer of latents, whose posterior is a diagonal Normal as the encoder gives it.
  public var hasNormalPosterior: Bool { hasOneNormalLayer && encoder.posterior.refinement == nil }

  /// Whether the rate is a sum over latents, because posteriors and priors of all layers have independent dimensions.
  public var hasLatentRates: Bool {
    encoder.posterior.traits.contains(.diagonalNormal) && prior.traits.contains(.independentLatents)
  }

  /// The same with as many latents as the encoder's grid gives codes or choices for, where the number is left open, and with numbers
  /// for columns where it is left open what these are.
  public func completed(exampleShape: [Int]) -> Self {
    var result = self
    // Asked before settings are validated, which refuses a width beyond these.
    if prior.dimensions == 0, let width = latentsPerPlace.map({ min(max($0, 1), 65_536) }) {
      result.prior.dimensions = encoder.network.positions(exampleShape: exampleShape) * width
    }
    if let columns = decoder.likelihood as? ColumnsLikelihood, columns.isOpen {
      result.decoder.likelihood = .columns(numbers: exampleShape.reduce(1, *))
    }
    return result
  }

  /// How many latents a place of the encoder's grid has: the numbers of a code's vector, the categories of a choice.
  private var latentsPerPlace: Int? {
    (encoder.posterior as? QuantizedPosterior)?.latentsPerPlace
      ?? (encoder.posterior as? CategoricalPosterior)?.categories
  }

  /// How many latents the layer has that the prior is about.
  var topLatents: Int { hierarchy.layers.last?.latents ?? prior.dimensions }
}
