import Distributions
import Layers
import TensorGraph

/// A model with variables, made from its description for examples of one shape.
public struct Model {
  /// What it was made from.
  public let specification: VariationalAutoencoder
  /// The shape of one example: [height, width, channels] or [D].
  public let exampleShape: [Int]

  private let encoder: Sequential
  private let head: Dense
  private let decoder: Sequential
  private let likelihoodVariables: [Variable]

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - specification: a valid description (see `VariationalAutoencoder.validate`).
  ///   - exampleShape: the shape of one example.
  ///   - dataMean: the mean of each dimension, from which a dense decoder's output starts; `nil` starts from zero.
  public init(_ specification: VariationalAutoencoder, exampleShape: [Int], dataMean: [Float]? = nil) {
    self.specification = specification
    self.exampleShape = exampleShape
    let likelihood = specification.decoder.likelihood
    let latents = specification.prior.dimensions
    let features: Int
    (encoder, features) = specification.encoder.network.encoder("encoder", exampleShape: exampleShape)
    head = Dense(
      "encoder/posterior", inputs: features, outputs: latents * specification.encoder.posterior.parametersPerLatent)
    decoder = specification.decoder.network.decoder(
      "decoder", latents: latents, exampleShape: exampleShape, parameters: likelihood.parametersPerDimension,
      outputBias: dataMean.map(likelihood.outputBias))
    likelihoodVariables = likelihood.makeVariables()
  }

  /// Everything that training changes and checkpoints hold.
  public var variables: [Variable] { encoder.variables + head.variables + decoder.variables + likelihoodVariables }

  /// How many dimensions an example has.
  public var dimensions: Int { exampleShape.reduce(1, *) }

  /// How many latents an example has.
  public var latents: Int { specification.prior.dimensions }

  /// p(z) for a number of examples.
  public func prior(count: Int, in graph: Graph) -> any Distribution {
    specification.prior.distribution(count: count, in: graph)
  }

  /// q(z|x) of examples [B, ...].
  public func posterior(_ examples: Tensor, mode: Mode) -> any Distribution {
    specification.encoder.posterior.distribution(head(encoder(examples, mode: mode), mode: mode))
  }

  /// The means of q(z|x) of examples [B, ...], without the work of its other parameters: [B, latents].
  public func posteriorMean(_ examples: Tensor) -> Tensor {
    // The means come first among the head's outputs.
    head(encoder(examples, mode: .inference), outputs: 0..<latents)
  }

  /// p(x|z) of latents [..., latents], about examples [..., D].
  public func likelihood(_ z: Tensor, mode: Mode) -> any Distribution {
    let leading = Array(z.shape.dimensions.dropLast())
    let outputs = decoder(z.reshape([-1, latents]), mode: mode)
    let parts = outputs.split(specification.decoder.likelihood.parametersPerDimension, dimension: -1)
    return specification.decoder.likelihood.distribution(
      parts.map { $0.reshape(leading + [dimensions]) }, likelihoodVariables)
  }

  /// log p(x, z) - log q(z|x) for K latents from each posterior: [K, B], in nats (Burda et al. 2015, equation 8).
  public func logImportanceWeights(_ examples: Tensor, samples: Int, mode: Mode) -> Tensor {
    let posterior = posterior(examples, mode: mode)
    let z = posterior.sample(count: samples)
    let prior = prior(count: examples.shape[0], in: examples.graph)
    return likelihood(z, mode: mode).logProbability(examples.flattened()) + prior.logProbability(z)
      - posterior.logProbability(z)
  }
}
