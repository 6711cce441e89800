import LatentDistributions
import LatentDiagnostics
import LatentTensorGraph
import LatentVariationalAutoencoders

/// How a generative and a recognition network of the same shapes are trained together.
enum LearningMethod: String, CaseIterable {
  /// Both climb the evidence lower bound (Kingma & Welling 2013, equation 7).
  case variational = "AEVB"
  /// Wake-sleep (Hinton et al. 1995): the generative network climbs log p(x, z) of recognised latents, the recognition
  /// network climbs log q(z|x) of dreamt examples.
  case wakeSleep = "wake-sleep"

  /// The losses of a batch, each with the variables that descend it.
  func losses(_ model: Model, _ examples: Tensor) -> [(loss: Tensor, variables: [Variable])] {
    switch self {
    case .variational:
      let objective = Objective.elbo()
      let terms = objective.terms(model, ExampleBatch(examples: examples), mode: .training)
      return [(-terms.elbo.mean(), model.variables)]
    case .wakeSleep: return [wake(model, examples), sleep(model, count: examples.shape[0], in: examples.graph)]
    }
  }

  private func wake(_ model: Model, _ examples: Tensor) -> (loss: Tensor, variables: [Variable]) {
    examples.graph.scope("wake") {
      guard let posterior = model.posterior(examples, mode: .training),
        let prior = model.prior(count: examples.shape[0], mode: .training, in: examples.graph)
      else { stop("a small network has one layer of latents") }
      let z = posterior.sample(count: 1).stopGradient()
      let joint = model.logLikelihood(examples, z, mode: .training) + prior.logProbability(z)
      return (-joint.mean(), model.generativeVariables)
    }
  }

  private func sleep(_ model: Model, count: Int, in graph: Graph) -> (loss: Tensor, variables: [Variable]) {
    graph.scope("sleep") {
      let z = model.generate(count, in: graph)
      let dream = model.likelihood(z, mode: .training).sample(count: nil)
      let examples = dream.reshape([count] + model.exampleShape).stopGradient()
      guard let posterior = model.posterior(examples, mode: .training) else {
        stop("a small network has one layer of latents")
      }
      return (-posterior.logProbability(z.stopGradient()).mean(), model.inferenceVariables)
    }
  }
}
