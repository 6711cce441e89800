import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A model with variables, made from its description for examples of one shape.
///
/// A `condition` is what the examples are conditioned on, [B, K]; models without one are given none.
public struct Model: Sendable {
  /// The description that it was made from, its condition completed by the data.
  public let specification: VariationalAutoencoder
  /// The shape of one example: [height, width, channels] or [D].
  public let exampleShape: [Int]
  /// The weight of the rate in the bound that refinement climbs, unless a draw is made for another: that of the objective
  /// after all of its schedules.
  var rateWeight = 1.0
  /// How autoregressive parts are drawn from.
  var drawing = DrawSettings()

  private let encoder: any EncoderModule
  private let decoder: any Layer
  let latentVariables: any LatentVariables
  private let likelihood: any LikelihoodModule

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - specification: a valid description (see `VariationalAutoencoder.validate`).
  ///   - exampleShape: the shape of one example.
  ///   - dataMean: the mean of each dimension, from which a dense decoder's output starts; `nil` starts from zero.
  public init(_ specification: VariationalAutoencoder, exampleShape: [Int], dataMean: [Float]? = nil) {
    let specification = specification.completed(exampleShape: exampleShape)
    self.specification = specification
    self.exampleShape = exampleShape
    let likelihood = specification.decoder.likelihood
    let condition = specification.condition
    let channels = exampleShape.count == 3 ? exampleShape[2] : 1
    encoder = specification.encoder.network.makeEncoder(
      at: EncoderSite(
        name: "encoder", exampleShape: exampleShape, condition: condition.encoder ? condition.width : 0))
    latentVariables = Self.latentVariables(specification, encoder.features, exampleShape, dataMean)
    decoder = specification.decoder.network.makeDecoder(
      at: DecoderSite(
        name: "decoder", inputs: specification.prior.dimensions + condition.width, condition: condition.width,
        exampleShape: exampleShape,
        pixels: exampleShape.reduce(1, *) / channels, parameters: likelihood.parametersPerPixel(channels: channels),
        outputBias: dataMean.flatMap(likelihood.outputBias)))
    self.likelihood = likelihood.make(at: LikelihoodSite(exampleShape: exampleShape))
  }

  private static func latentVariables(
    _ specification: VariationalAutoencoder, _ features: Int, _ exampleShape: [Int], _ dataMean: [Float]?
  ) -> any LatentVariables {
    guard specification.hierarchy.layers.isEmpty else {
      return switch specification.hierarchy.inference {
      case .bottomUp: BottomUpLayers(specification, features: features, exampleShape: exampleShape)
      case .ladder: LadderLayers(specification, features: features, exampleShape: exampleShape)
      }
    }
    return SingleLayer(
      posterior: specification.encoder.posterior.make(
        at: PosteriorSite(
          name: "encoder/posterior", features: features, latents: specification.prior.dimensions,
          grid: specification.encoder.network.grid(exampleShape: exampleShape))),
      prior: PlacedPrior(PriorSite(specification, exampleShape: exampleShape, dataMean: dataMean)))
  }

  /// Everything that training changes and checkpoints hold.
  public var variables: [Variable] { inferenceVariables + generativeVariables }

  /// The variables of q(z|x): the encoder's, and those of its flows and of further layers of latents.
  public var inferenceVariables: [Variable] {
    encoder.variables + latentVariables.inferenceVariables
  }

  /// What the prior and the likelihood are made of.
  public var generativeVariables: [Variable] {
    decoderVariables + latentVariables.generativeVariables + likelihood.variables
  }

  /// The weights of the decoder's layers, without a likelihood's own (a learned variance) and without the prior's.
  public var decoderVariables: [Variable] { decoder.variables }

  /// How many dimensions an example has.
  public var dimensions: Int { exampleShape.reduce(1, *) }

  /// How many latents the decoder takes.
  public var latents: Int { specification.prior.dimensions }

  /// What the prior learns, in a model with one layer of latents.
  public var priorVariables: [Variable] { latentVariables.generativeVariables }

  /// How many pixels an example has, and how many channels each; a vector is pixels of one channel.
  private var pixels: (count: Int, channels: Int) {
    let channels = exampleShape.count == 3 ? exampleShape[2] : 1
    return (dimensions / channels, channels)
  }

  // MARK: Inference

  /// q(z|x) of examples [B, ...]; `nil` for a model with several layers of latents, whose posterior is not in one piece.
  public func posterior(_ examples: Tensor, condition: Tensor? = nil, mode: Mode) -> (any Distribution)? {
    latentVariables.posterior(of: features(examples, condition, mode)).map {
      context(examples, condition, mode).refine?($0) ?? $0
    }
  }

  /// The codes of examples [B, ...]: the means of q(z|x) of the first layer, without the work of its other parameters,
  /// [B, latents].
  ///
  /// No noise is drawn: in a ladder the layers above are at their means, and of a flow it is the image of its base's mean,
  /// neither of which is quite E_q(z|x). `posteriorMeans` estimates that.
  public func posteriorMean(_ examples: Tensor, condition: Tensor? = nil) -> Tensor {
    latentVariables.mean(features(examples, condition, .inference), context(examples, condition, .inference))
  }

  /// E_q(z|x) of every layer of latents, [B, latents], the first layer first, with the variance that the estimate has from its
  /// draws, [B, latents].
  ///
  /// Where a layer's posterior depends on draws of others, it is integrated over them (Burda et al. 2015, section 5.1).
  ///
  /// - Parameter samples: how many draws of all layers there are for each example; a variance needs two.
  public func posteriorMeans(
    _ examples: Tensor, condition: Tensor? = nil, samples: Int
  ) -> [(mean: Tensor, variance: Tensor)] {
    draw(examples, condition: condition, samples: samples, mode: .inference).layers.map(\.integratedMean)
  }

  /// Some draws from the posterior, with their densities.
  ///
  /// - Parameters:
  ///   - input: what is encoded, if not the examples themselves.
  ///   - rateWeight: the weight of the rate in the bound that refinement climbs, a scalar; the model's own without one.
  ///   - temperature: how near to choices relaxed draws are, a scalar; 1 without one.
  func draw(
    _ examples: Tensor, input: Tensor? = nil, condition: Tensor? = nil, samples: Int, mode: Mode,
    rateWeight: Tensor? = nil, temperature: Tensor? = nil
  ) -> LatentDraw {
    var context = context(examples, condition, mode, rateWeight: rateWeight)
    context.temperature = temperature
    return latentVariables.draw(features(input ?? examples, condition, mode), samples: samples, context)
  }

  /// The same model, whose refinement climbs what an objective weighs the rate with once its schedules have ended.
  public func refining(for objective: Objective) -> Model {
    var result = self
    result.rateWeight = objective.finalRateWeight
    return result
  }

  /// The same model, whose autoregressive parts are drawn from less variedly than they are.
  ///
  /// - Throws: `LatentError` for settings that make no draws, and for a model without such parts.
  public func drawing(_ settings: DrawSettings) throws -> Model {
    try specification.validate(settings)
    var result = self
    result.drawing = settings
    return result
  }

  /// KL(q(z|x) || p(z)) of a model that is not trained but for its prior, [B], in nats per example.
  ///
  /// - Parameter priorMode: what the prior is run for; all else is run for inference.
  public func rate(_ batch: ExampleBatch, _ estimator: Objective.Estimator, priorMode: Mode) -> Tensor {
    var context = context(batch.examples, batch.condition, .inference)
    context.priorMode = priorMode
    return latentVariables.draw(features(batch.examples, batch.condition, .inference), samples: 1, context)
      .rate(estimator)
  }

  private func features(_ examples: Tensor, _ condition: Tensor?, _ mode: Mode) -> Tensor {
    let known = specification.missingValues ? examples.replacingMissing() : examples
    let input = specification.decoder.likelihood.traits.contains(.counts) ? known.log1p() : known
    return encoder(input, condition: specification.condition.encoder ? condition : nil, mode: mode)
  }

  private func context(
    _ examples: Tensor, _ condition: Tensor?, _ mode: Mode, rateWeight: Tensor? = nil
  ) -> LatentContext {
    var context = LatentContext(mode: mode, condition: condition) { pseudoInputs in
      // Batch statistics are those of examples.
      latentVariables.posterior(of: features(pseudoInputs, nil, .inference))
    }
    context.drawing = drawing
    if specification.encoder.posterior.refinement != nil {
      let weight = rateWeight ?? examples.graph.constant(self.rateWeight)
      context.refine = { refined($0, examples, condition, rateWeight: weight) }
    }
    return context
  }

  // MARK: Generation

  /// Draws from the prior, as the decoder takes them: [count, latents].
  ///
  /// - Parameter condition: [count, K], for a model that is conditioned.
  public func generate(_ count: Int, condition: Tensor? = nil, in graph: Graph) -> Tensor {
    latentVariables.generate(count, in: graph, context(graph.constant(0), condition, .inference))
  }

  /// p(z) for a number of examples; `nil` for a model with several layers of latents, whose prior is not in one piece.
  public func prior(
    count: Int, condition: Tensor? = nil, mode: Mode = .inference, in graph: Graph
  ) -> (any Distribution)? {
    latentVariables.prior(of: count, in: graph, context(graph.constant(0), condition, mode))
  }

  /// p(x|z) of latents [..., latents], about examples [..., D].
  public func likelihood(_ z: Tensor, condition: Tensor? = nil, mode: Mode) -> any Distribution {
    likelihood(z, condition: condition, mode: mode, observed: nil)
  }

  /// p(x|z) about examples of which only some values are there, [B, D].
  private func likelihood(_ z: Tensor, condition: Tensor?, mode: Mode, observed: Tensor?) -> any Distribution {
    let leading = Array(z.shape.dimensions.dropLast())
    var input = z
    if let condition {
      let wide = condition.broadcast(to: Shape(leading + [condition.shape[-1]]))
      input = Tensor.concatenate([z, wide], dimension: -1)
    }
    let outputs = decoder(input.reshape([-1, input.shape[-1]]), mode: mode)
    let (count, channels) = pixels
    let distribution = self.likelihood.distribution(
      DecoderOutputs(
        tensor: outputs, leading: leading, pixels: count, channels: channels, mode: mode, observed: observed))
    guard var drawn = distribution as? AutoregressiveDistribution else { return distribution }
    drawn.drawing = drawing
    return drawn
  }

  /// Draws of examples [N, D] given latents [N, latents], which have known values where a mask [D] is 1; `nil` for a likelihood that
  /// does not go through the values in order.
  ///
  /// A value is drawn given those before it: known ones that come later change nothing.
  public func completion(of known: Tensor, mask: Tensor, _ z: Tensor, condition: Tensor? = nil) -> Tensor? {
    guard var drawn = likelihood(z, condition: condition, mode: .inference) as? AutoregressiveDistribution else {
      return nil
    }
    drawn.given = (known, mask)
    return drawn.sample(count: nil)
  }

  /// log p(x|z) of examples [B, ...] and latents [S, B, latents]: [S, B]. Missing values take no part.
  public func logLikelihood(_ examples: Tensor, _ z: Tensor, condition: Tensor? = nil, mode: Mode) -> Tensor {
    let x = examples.flattened()
    let observed = specification.missingValues ? x.isFinite() : nil
    let likelihood = likelihood(z, condition: condition, mode: mode, observed: observed)
    guard let observed, let factorized = likelihood as? any FactorizedDistribution else {
      return likelihood.logProbability(x)
    }
    let terms = factorized.elementLogProbability(x.replacingMissing())
    return observed.select(terms, terms.scalar(0)).sum([-1])
  }

  // MARK: Both

  /// log p(x, z) - log q(z|x) for K latents from each posterior: [K, B], in nats (Burda et al. 2015, equation 8).
  public func logImportanceWeights(
    _ examples: Tensor, condition: Tensor? = nil, samples: Int, mode: Mode
  ) -> Tensor {
    importanceDraws(examples, condition: condition, samples: samples, mode: mode).logWeights
  }

  /// K latents of the first layer from each posterior, [K, B, latents], and log p(x, z) - log q(z|x) of each, [K, B], in nats.
  public func importanceDraws(
    _ examples: Tensor, condition: Tensor? = nil, samples: Int, mode: Mode
  ) -> (z: Tensor, logWeights: Tensor) {
    let draw = draw(examples, condition: condition, samples: samples, mode: mode)
    let likelihood = logLikelihood(examples, draw.z, condition: condition, mode: mode)
    return (draw.z, likelihood + draw.logPrior - draw.logPosterior)
  }
}

extension Tensor {
  /// Zeros in the place of missing values, which are not numbers.
  func replacingMissing() -> Tensor { isFinite().select(self, scalar(0)) }
}
