import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A batch of examples and what comes with it, in a graph.
public struct ExampleBatch {
  /// The examples as the likelihood sees them, [B, ...].
  public let examples: Tensor
  /// What the examples are conditioned on, [B, K].
  public let condition: Tensor?

  /// Creates a batch from examples [B, ...] and what they are conditioned on, [B, K].
  public init(examples: Tensor, condition: Tensor? = nil) {
    self.examples = examples
    self.condition = condition
  }

  /// How many examples there are.
  var count: Int { examples.shape[0] }
}

/// The parts of the evidence lower bound for each example of a batch, [B], in nats.
public struct BoundTerms {
  /// The divergence of the posterior from the prior, KL(q(z|x) || p(z)).
  public let rate: Tensor
  /// The negative expected log-likelihood, -E log p(x|z).
  public let distortion: Tensor

  /// -(rate + distortion), a lower bound of log p(x).
  public var elbo: Tensor { -(rate + distortion) }
}

extension Objective {
  /// The evidence lower bound's parts, whatever else the objective adds: what evaluation reports.
  public func terms(_ model: Model, _ batch: ExampleBatch, mode: Mode) -> BoundTerms {
    batch.examples.graph.scope("objective") {
      let draw = model.refining(for: self).draw(
        batch.examples, condition: batch.condition, samples: 1, mode: mode)
      let likelihood = model.logLikelihood(batch.examples, draw.z, condition: batch.condition, mode: mode)
      return boundTerms(draw, likelihood)
    }
  }

  /// The rate of each latent of each layer, [B, latents], the first layer first: together what `terms` gives as the rate.
  ///
  /// - Returns: `nil` where the rate is no sum over latents, because posterior or prior are not of independent dimensions, and
  ///   for reconstruction alone, which has none.
  public func latentRates(_ model: Model, _ batch: ExampleBatch, mode: Mode) -> [Tensor]? {
    guard hasBound else { return nil }
    return batch.examples.graph.scope("objective") {
      let draw = model.refining(for: self).draw(
        batch.examples, condition: batch.condition, samples: 1, mode: mode)
      let rates = draw.layers.compactMap { $0.elementRates(estimator) }
      return rates.count == draw.layers.count ? rates : nil
    }
  }

  /// The bound's parts from draws and their log-likelihoods [S, B].
  func boundTerms(_ draw: LatentDraw, _ logLikelihood: Tensor) -> BoundTerms {
    let distortion = -logLikelihood.mean([0])
    return BoundTerms(rate: hasBound ? draw.rate(estimator) : distortion * 0, distortion: distortion)
  }
}
