import Distributions
import Layers
import TensorGraph

/// A posterior with variables: from an encoder's features to a distribution of latents.
struct PosteriorNetwork {
  private let posterior: Posterior
  private let latents: Int
  /// Gives the parameters of a distribution, the means first.
  private let head: Dense
  /// Gives the parameters of amortised flows.
  private let flowHead: Dense?
  /// Flows with weights of their own, which see the features.
  private let flow: FlowStack?

  init(_ name: String, _ posterior: Posterior, features: Int, latents: Int) {
    self.posterior = posterior
    self.latents = latents
    let outputs =
      switch posterior.kind {
      case .point: latents
      case .fullNormal: latents + CholeskyFactor.parameterCount(dimensions: latents)
      case .diagonalNormal, .planarFlow, .radialFlow, .sylvesterFlow, .inverseAutoregressiveFlow: 2 * latents
      }
    head = Dense(name, inputs: features, outputs: outputs)
    let amortized = posterior.amortizedParameters(latents: latents) * posterior.steps
    flowHead = amortized > 0 ? Dense(name + "/flow", inputs: features, outputs: amortized) : nil
    flow =
      posterior.kind == .inverseAutoregressiveFlow
      ? FlowStack(
        name + "/flow", kind: .inverseAutoregressive, dimensions: latents, steps: posterior.steps,
        hidden: posterior.hidden, context: features) : nil
  }

  var variables: [Variable] { head.variables + (flowHead?.variables ?? []) + (flow?.variables ?? []) }

  /// The distribution of latents given features [B, F].
  func distribution(_ features: Tensor) -> any Distribution {
    let outputs = head(features)
    let mean = outputs.slice(1, 0..<latents)
    switch posterior.kind {
    case .point: return PointMass(mean: mean)
    case .fullNormal:
      let factor = CholeskyFactor(unconstrained: outputs.slice(1, latents..<outputs.shape[1]))
      return MultivariateNormal(mean: mean, factor: factor)
    case .diagonalNormal, .planarFlow, .radialFlow, .sylvesterFlow, .inverseAutoregressiveFlow:
      let base = DiagonalNormal(mean: mean, logVariance: outputs.slice(1, latents..<(2 * latents)).smoothlyBounded())
      let bijections = bijections(features)
      return bijections.isEmpty ? base : TransformedDistribution(base: base, through: bijections)
    }
  }

  /// The distribution's mean, without the work of other parameters where they do not matter: [B, latents].
  func mean(_ features: Tensor) -> Tensor {
    switch posterior.kind {
    case .point, .fullNormal, .diagonalNormal: head(features, outputs: 0..<latents)
    case .planarFlow, .radialFlow, .sylvesterFlow, .inverseAutoregressiveFlow: distribution(features).mean
    }
  }

  private func bijections(_ features: Tensor) -> [any Bijection] {
    if let flow { return flow.bijections(context: features) }
    guard let flowHead else { return [] }
    return flowHead(features).split(posterior.steps, dimension: 1).compactMap { parameters in
      switch posterior.kind {
      case .planarFlow: PlanarFlow(parameters: parameters)
      case .radialFlow: RadialFlow(parameters: parameters)
      case .sylvesterFlow:
        SylvesterFlow(parameters: parameters, dimensions: latents, reflections: posterior.reflections)
      case .diagonalNormal, .fullNormal, .inverseAutoregressiveFlow, .point: nil
      }
    }
  }
}

extension Posterior {
  /// How many numbers of the encoder describe one transformation.
  fileprivate func amortizedParameters(latents: Int) -> Int {
    switch kind {
    case .planarFlow: PlanarFlow.parameterCount(dimensions: latents)
    case .radialFlow: RadialFlow.parameterCount(dimensions: latents)
    case .sylvesterFlow: SylvesterFlow.parameterCount(dimensions: latents, reflections: reflections)
    case .diagonalNormal, .fullNormal, .inverseAutoregressiveFlow, .point: 0
    }
  }
}
