import Differentiation
import Distributions
import Layers
import TensorGraph

extension Model {
  /// A posterior whose mean and log-variance have gone some steps up the gradient of the bound (Kim et al. 2018, section 3).
  ///
  /// The steps' own dependence on the weights is left out of the encoder's gradient, which reaches it as if the steps were
  /// constant additions.
  func refined(_ posterior: any Distribution, _ examples: Tensor, _ condition: Tensor?) -> any Distribution {
    guard let amortized = posterior as? DiagonalNormal else { return posterior }
    let settings = specification.encoder.posterior
    let graph = examples.graph
    var (mean, logVariance) = (amortized.mean.stopGradient(), amortized.logVariance.stopGradient())
    for step in 0..<settings.refinementSteps {
      graph.scope("refinement\(step)") {
        let current = DiagonalNormal(mean: mean, logVariance: logVariance)
        let z = current.sample(count: 1)
        let prior = prior(count: examples.shape[0], condition: condition, in: graph)
        let rate =
          kullbackLeibler(from: current, to: prior)
          ?? (current.logProbability(z) - prior.logProbability(z)).mean([0])
        let bound = logLikelihood(examples, z, condition: condition, mode: .inference).mean([0]) - rate
        let gradients = gradient(of: bound.sum(), withRespectTo: [mean, logVariance])
        mean = (mean + gradients[0] * settings.refinementRate).stopGradient()
        logVariance = (logVariance + gradients[1] * settings.refinementRate).stopGradient().clamped(-20, 20)
      }
    }
    return DiagonalNormal(
      mean: amortized.mean + (mean - amortized.mean.stopGradient()),
      logVariance: amortized.logVariance + (logVariance - amortized.logVariance.stopGradient()))
  }
}
