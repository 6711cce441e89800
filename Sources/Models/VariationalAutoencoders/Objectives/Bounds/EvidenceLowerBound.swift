import LatentDistributions
import LatentTensorGraph

/// The evidence lower bound, E log p(x|z) - beta KL(q(z|x) || p(z)) (Kingma & Welling 2013, equation 3; with beta, Higgins et
/// al. 2017).
public struct EvidenceLowerBound: BoundFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("evidenceLowerBound", "log-likelihood minus beta times the rate")
  /// What may be relied on.
  public var traits: BoundTraits { [.bound, .rateTerm, .pathDerivative, .scoreFunction] }

  /// It has no settings of its own.
  public init() {}

  /// What is minimised.
  public func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    switch context.objective.gradient {
    case .pathwise, .leaveOneOut: context.minimizing(context.terms.distortion.mean() + cost(context))
    case .doublyReparameterized:
      context.minimizing(encoder: -context.pathLogWeights.mean(), rest: -context.logWeights.mean())
    case .scoreFunction, .scoreFunctionWithBaseline: scoreFunction(context)
    }
  }

  /// What the rate costs: beta times it, or what free bits or a capacity make of it.
  private func cost(_ context: BoundContext) -> Tensor {
    let (objective, schedule, graph) = (context.objective, context.schedule, context.z.graph)
    let rates = context.draw.rates(objective.estimator)
    let total = rates.dropFirst().reduce(rates[0].total) { $0 + $1.total }
    if objective.capacity.weight.isOn {
      let difference = total.mean() - schedule(objective, \.capacity.nats, in: graph)
      return difference.absoluteValue() * schedule(objective, \.capacity.weight, in: graph)
    }
    var cost = total.mean()
    if objective.freeBits.nats.isOn {
      let free = schedule(objective, \.freeBits.nats, in: graph)
      cost = objective.freeBits.cost(rates, nats: free) ?? cost
    }
    return cost * context.beta
  }

  /// The gradient of E f is E (f - b) d log q: the likelihood and the prior get theirs, the encoder the score's.
  private func scoreFunction(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    let (z, batch, beta) = (context.z, context.batch, context.beta)
    let score = context.draw.posterior?.logProbability(z) ?? context.draw.logPosterior
    let prior =
      context.model.prior(count: batch.count, condition: batch.condition, mode: .training, in: z.graph)?
      .logProbability(z) ?? context.draw.logPrior
    let bound = context.logLikelihood + (prior - score) * beta
    var signal = bound.stopGradient()
    if let baseline = context.variables.baseline, let scale = context.variables.scale {
      let graph = z.graph
      let (mean, square) = (graph.read(baseline), graph.read(scale))
      let centred = signal - mean
      graph.update(baseline, to: mean * 0.9 + signal.mean() * 0.1)
      graph.update(scale, to: square * 0.9 + centred.squared().mean() * 0.1)
      // Unit variance at most: a signal that is smaller is not blown up (Mnih & Gregor 2014, section 2.3).
      signal = centred / square.squareRoot().maximum(1)
    }
    // The score's own expectation is zero, so that the rate's derivative through log q needs no term of its own. A prior made
    // of posteriors depends on the encoder too.
    return context.minimizing(encoder: -(signal * score + prior * beta).mean(), rest: -bound.mean())
  }
}

extension BoundFamily where Self == EvidenceLowerBound {
  /// The evidence lower bound.
  public static var evidenceLowerBound: Self { Self() }
}

extension LatentDraw {
  /// For each layer its rates [B, D] of each dimension, where they are known, and their sums [B].
  fileprivate func rates(_ estimator: Objective.Estimator) -> [(elements: Tensor?, total: Tensor)] {
    layers.map { ($0.elementRates(estimator), $0.rate(estimator)) }
  }
}
