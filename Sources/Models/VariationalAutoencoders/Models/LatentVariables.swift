import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A model's latents: how they are inferred from features, and how they are generated.
protocol LatentVariables: Sendable {
  /// What the posterior has of its own.
  var inferenceVariables: [Variable] { get }
  /// What the prior has of its own.
  var generativeVariables: [Variable] { get }

  /// Some draws of all latents from the posterior given features [B, F].
  func draw(_ features: Tensor, samples: Int, _ context: LatentContext) -> LatentDraw

  /// Draws of the first layer from the prior: [count, latents].
  func generate(_ count: Int, in graph: Graph, _ context: LatentContext) -> Tensor

  /// The mean of the first layer's posterior, [B, latents]; where layers above have a say in it, they are at their means.
  func mean(_ features: Tensor, _ context: LatentContext) -> Tensor

  /// The posterior given features [B, F], before anything improves it; `nil` where it is not in one piece.
  func posterior(of features: Tensor) -> (any Distribution)?

  /// The prior of a number of examples; `nil` where it is not in one piece.
  func prior(of count: Int, in graph: Graph, _ context: LatentContext) -> (any Distribution)?
}

extension LatentVariables {
  func posterior(of features: Tensor) -> (any Distribution)? { nil }
  func prior(of count: Int, in graph: Graph, _ context: LatentContext) -> (any Distribution)? { nil }
}

/// What latents depend on besides features.
struct LatentContext {
  let mode: Mode
  /// What the examples are conditioned on, [B, K].
  let condition: Tensor?
  /// From examples to posteriors, for priors that are made of them; `nil` where posteriors are not in one piece.
  let encode: (Tensor) -> (any Distribution)?
  /// What improves a posterior for its examples, if anything does.
  var refine: ((any Distribution) -> any Distribution)?
  /// How near to choices relaxed draws are.
  var temperature: Tensor?
  /// What the prior is run for, where that is something else.
  var priorMode: Mode?
  /// How an autoregressive prior of codes is drawn from.
  var drawing = DrawSettings()
}

/// S draws of all latents for each of B examples, and what objectives need to know of them.
struct LatentDraw {
  /// A layer of latents.
  struct Layer {
    /// Where the draws come from: q given the layers they were drawn from.
    let posterior: any Distribution
    /// p given the layers above.
    let prior: any Distribution
    /// The draws, [S, B, D].
    let z: Tensor
    /// log q of the draws given the layers they were drawn from, [S, B].
    let logPosterior: Tensor
    /// log p of the draws given the layers above, [S, B].
    let logPrior: Tensor
    /// The divergence from the prior in closed form for each dimension, [B, D] or [S, B, D], if it is known.
    let elementRate: Tensor?
    /// The divergence from the prior in closed form, [B] or [S, B], if it is known.
    let rate: Tensor?

    /// E_q(z|x) of this layer, [B, D], with the variance [B, D] that the estimate has from its draws.
    ///
    /// The expectation given the layers that this one was drawn from is taken in closed form, and averaged over the draws of
    /// these; a flow's, which has none, over its own draws.
    var integratedMean: (mean: Tensor, variance: Tensor) {
      let means = posterior is TransformedDistribution ? z : posterior.mean
      guard means.rank == 3, means.shape[0] > 1 else {
        let mean = means.rank == 3 ? means.mean([0]) : means
        return (mean, mean * 0)
      }
      let mean = means.mean([0])
      let count = Double(means.shape[0])
      return (mean, (means - mean).squared().sum([0]) / (count * (count - 1)))
    }

    /// The divergence [B] by an estimator.
    func rate(_ estimator: Objective.Estimator) -> Tensor {
      guard estimator == .closedForm, let rate else { return (logPosterior - logPrior).mean([0]) }
      return rate.rank == 2 ? rate.mean([0]) : rate
    }

    /// The divergence of each dimension [B, D] by an estimator, or `nil` where posterior or prior is not of independent
    /// dimensions. The sum over the dimensions is the rate.
    func elementRates(_ estimator: Objective.Estimator) -> Tensor? {
      if estimator == .closedForm, let elementRate {
        return elementRate.rank == 3 ? elementRate.mean([0]) : elementRate
      }
      guard let posterior = posterior as? any FactorizedDistribution, let prior = prior as? any FactorizedDistribution
      else { return nil }
      return (posterior.elementLogProbability(z) - prior.elementLogProbability(z)).mean([0])
    }
  }

  /// The first layer, which the decoder takes: [S, B, D].
  let z: Tensor
  /// All layers, the first one first.
  let layers: [Layer]
  /// The posterior of a model with one layer.
  let posterior: (any Distribution)?

  /// log q of all layers, [S, B].
  var logPosterior: Tensor { layers.dropFirst().reduce(layers[0].logPosterior) { $0 + $1.logPosterior } }
  /// log p of all layers, [S, B].
  var logPrior: Tensor { layers.dropFirst().reduce(layers[0].logPrior) { $0 + $1.logPrior } }

  /// The divergence of all layers from their priors, [B].
  func rate(_ estimator: Objective.Estimator) -> Tensor {
    layers.dropFirst().reduce(layers[0].rate(estimator)) { $0 + $1.rate(estimator) }
  }
}
