import LatentDistributions
import LatentTensorGraph

/// One layer of latents: any posterior, any prior.
struct SingleLayer: LatentVariables {
  let posterior: any PosteriorModule
  let prior: PlacedPrior

  /// The posterior, if it is one of codes.
  var codes: (any CodeModule)? { posterior as? any CodeModule }
  var inferenceVariables: [Variable] { posterior.variables }
  var generativeVariables: [Variable] { prior.variables }

  func draw(_ features: Tensor, samples: Int, _ context: LatentContext) -> LatentDraw {
    let amortized = posterior.distribution(
      features, PosteriorContext(mode: context.mode, temperature: context.temperature))
    let posterior = context.refine?(amortized) ?? amortized
    let (z, logPosterior) = posterior.sampleWithLogProbability(count: samples)
    let prior = prior.distribution(count: features.shape[0], in: features.graph, context, lookUp: codes?.latents)
    let layer = LatentDraw.Layer(
      posterior: posterior, prior: prior, z: z, logPosterior: logPosterior,
      logPrior: prior.logProbability(z, of: posterior),
      elementRate: elementKullbackLeibler(from: posterior, to: prior), rate: kullbackLeibler(from: posterior, to: prior)
    )
    return LatentDraw(z: z, layers: [layer], posterior: posterior)
  }

  func generate(_ count: Int, in graph: Graph, _ context: LatentContext) -> Tensor {
    prior.distribution(count: count, in: graph, context, lookUp: codes?.latents).sample(count: nil)
  }

  func posterior(of features: Tensor) -> (any Distribution)? { posterior.distribution(features) }

  func prior(of count: Int, in graph: Graph, _ context: LatentContext) -> (any Distribution)? {
    prior.distribution(count: count, in: graph, context, lookUp: codes?.latents)
  }

  func mean(_ features: Tensor, _ context: LatentContext) -> Tensor {
    guard let refine = context.refine else { return posterior.mean(features) }
    return refine(posterior.distribution(features)).mean
  }
}

/// A prior in a model: it sees the condition if it is to depend on it, and its nodes are in a scope of their own.
struct PlacedPrior {
  private let module: any PriorModule
  private let isConditional: Bool

  init(_ site: PriorSite) {
    module = site.model.prior.make(at: site)
    isConditional = site.condition > 0
  }

  var variables: [Variable] { module.variables }

  /// The distribution of [count, latents] latents.
  func distribution(
    count: Int, in graph: Graph, _ context: LatentContext, lookUp: ((Tensor) -> Tensor)? = nil
  ) -> any Distribution {
    graph.scope("prior") {
      module.distribution(
        PriorContext(
          count: count, graph: graph, mode: context.priorMode ?? context.mode,
          condition: isConditional ? context.condition : nil,
          encode: context.encode, lookUp: lookUp, drawing: context.drawing))
    }
  }
}

/// A distribution of the codes of a quantised posterior, which are told by their numbers and not by their vectors.
protocol CodesDistribution: Distribution {
  /// The log-probability [B] of codes int32 [B, codes, indices].
  func logProbability(codes: Tensor) -> Tensor
}

extension Distribution {
  /// The log-probability [S, B] of a posterior's draws [S, B, D]; of codes, that of their numbers.
  fileprivate func logProbability(_ z: Tensor, of posterior: any Distribution) -> Tensor {
    guard let prior = self as? any CodesDistribution, let codes = (posterior as? CodeDistribution)?.codes else {
      return logProbability(z)
    }
    return prior.logProbability(codes: codes).broadcast(to: Shape(z.shape.dimensions.dropLast()))
  }
}
