import LatentDifferentiation
import LatentDistributions
import LatentLayers
import LatentTensorGraph

extension Model {
  /// A posterior whose mean and log-variance have gone some steps up the bound of their example, log-likelihood minus
  /// `rateWeight` times the rate (Kim et al. 2018, section 3).
  ///
  /// Steps are natural gradients: a share of the way to the precision and then to the mean at which the bound, if it were
  /// quadratic, would be highest (Khan & Nielsen 2018). A gradient step of fixed size is stable for posteriors wider
  /// than the root of that size alone, and trained posteriors are narrower by far. The precision goes first, so that the
  /// mean's step is in units of the new one; the weight is divided out where it is above 1, so that it slows nothing down.
  /// The expectation is taken over draws in pairs one deviation to either side of the mean, at random in each latent: to third
  /// order it is the Normal's, a mean that is off does not pass for a variance that is, and a variance has no noise of its own,
  /// of which Normal draws would leave it 0.3 of its logarithm at a rate of 0.1.
  ///
  /// The steps' own dependence on the weights is left out of the encoder's gradient, which reaches it as if the steps were
  /// constant additions.
  ///
  /// - Parameter rateWeight: a scalar.
  func refined(
    _ posterior: any Distribution, _ examples: Tensor, _ condition: Tensor?, rateWeight: Tensor
  ) -> any Distribution {
    guard let amortized = posterior as? DiagonalNormal, let settings = specification.encoder.posterior.refinement else {
      return posterior
    }
    let graph = examples.graph
    var (mean, logVariance) = (amortized.mean.stopGradient(), amortized.logVariance.stopGradient())
    for step in 0..<settings.steps {
      graph.scope("refinement\(step)") {
        // Latents in several layers are not refined: `VariationalAutoencoder.validate` says so.
        guard let prior = prior(count: examples.shape[0], condition: condition, in: graph) else { return }
        let current = DiagonalNormal(mean: mean, logVariance: logVariance)
        let uniform = graph.random(.uniform, shape: Shape([1] + mean.shape.dimensions), type: mean.type)
        let side = uniform.compare(.less, uniform.scalar(0.5)).select(mean.scalar(1), mean.scalar(-1))
        let z = mean + (logVariance * 0.5).exp() * Tensor.concatenate([side, -side], dimension: 0)
        let rate =
          kullbackLeibler(from: current, to: prior)
          ?? (current.logProbability(z) - prior.logProbability(z)).mean([0])
        let likelihood = logLikelihood(examples, z, condition: condition, mode: .inference).mean([0])
        let bound = (likelihood - rate * rateWeight) / rateWeight.maximum(1)
        let gradients = gradient(of: bound.sum(), withRespectTo: [mean, logVariance])
        // The gradient of the precision is -2 / precision times that of the log-variance. A single draw may ask for more
        // than it knows: no step more than doubles a variance or divides it by ten, nor takes a mean further than one deviation.
        let growth = (1 - gradients[1] * (2 * settings.rate)).clamped(0.5, 10)
        logVariance = (logVariance - growth.log()).clamped(-20, 20).stopGradient()
        let deviation = (logVariance * 0.5).exp()
        let move = (gradients[0] * deviation * settings.rate).clamped(-1, 1)
        mean = (mean + move * deviation).stopGradient()
      }
    }
    return DiagonalNormal(
      mean: amortized.mean + (mean - amortized.mean.stopGradient()),
      logVariance: amortized.logVariance + (logVariance - amortized.logVariance.stopGradient()))
  }
}
