import Diagnostics
import Distributions
import Layers
import TensorGraph

/// A prior with variables.
struct PriorNetwork {
  private let prior: Prior
  private let dimensions: Int
  private let exampleShape: [Int]
  /// The least and the greatest value of an example, and hence of a pseudo-input.
  private let range: (least: Double?, greatest: Double?)
  /// For kinds whose parameters are variables: by what they are.
  private let parameters: [Variable]
  private let flow: FlowStack?
  private let autoregressive: AutoregressiveNormal?
  /// From a condition to a Normal.
  private let conditional: NormalHead?
  private let isConditional: Bool

  /// Makes the prior of a model's top layer, which has `dimensions` latents.
  init(_ specification: VariationalAutoencoder, dimensions: Int, exampleShape: [Int] = [], dataMean: [Float]? = nil) {
    prior = specification.prior
    self.dimensions = dimensions
    self.exampleShape = exampleShape
    range = specification.decoder.likelihood.range
    let condition = specification.condition.prior ? specification.condition.width : 0
    isConditional = condition > 0
    let kind: FlowStack.Kind? =
      switch prior.kind {
      case .realNVP: .realNVP
      case .maskedAutoregressiveFlow: .maskedAutoregressive
      case .standardNormal, .normal, .mixture, .vampPrior, .autoregressive: nil
      }
    flow = kind.map {
      FlowStack(
        "prior/flow", kind: $0, dimensions: dimensions, steps: specification.prior.steps,
        hidden: specification.prior.hidden, context: condition)
    }
    autoregressive =
      prior.kind == .autoregressive
      ? AutoregressiveNormal(
        "prior/autoregressive", dimensions: dimensions, components: prior.components, hidden: prior.hidden,
        context: condition) : nil
    conditional =
      prior.kind == .standardNormal && condition > 0
      ? NormalHead(
        "prior/condition", network: specification.decoder.network, inputs: condition, hidden: [], latents: dimensions)
      : nil
    parameters = Self.parameters(prior, dimensions: dimensions, inputs: exampleShape.reduce(1, *), dataMean: dataMean)
  }

  private static func parameters(
    _ prior: Prior, dimensions: Int, inputs: Int, dataMean: [Float]?
  ) -> [Variable] {
    let components = prior.components
    switch prior.kind {
    case .standardNormal, .realNVP, .maskedAutoregressiveFlow, .autoregressive: return []
    case .normal:
      return [
        Variable("prior/mean", shape: [dimensions]),
        Variable("prior/precision", shape: [CholeskyFactor.parameterCount(dimensions: dimensions)]),
      ]
    case .mixture:
      return [
        Variable("prior/means", shape: [components, dimensions], initializer: .normal(standardDeviation: 1)),
        Variable("prior/logVariances", shape: [components, dimensions]),
        Variable("prior/logits", shape: [components]),
      ]
    case .vampPrior:
      // Kept as differences from the data's mean, so that all start as examples of some sort.
      let mean = dataMean.map { Initializer.values($0.map(Double.init)) } ?? .zeros
      return [
        Variable("prior/pseudoInputs", shape: [components, inputs], initializer: .normal(standardDeviation: 0.1)),
        Variable("prior/pseudoInputMean", shape: [inputs], initializer: mean, isTrainable: false),
      ]
    }
  }

  var variables: [Variable] {
    parameters + (flow?.variables ?? []) + (autoregressive?.variables ?? []) + (conditional?.variables ?? [])
  }

  /// The distribution of [count, dimensions] latents.
  func distribution(count: Int, in graph: Graph, _ context: LatentContext) -> any Distribution {
    graph.scope("prior") {
      let condition = isConditional ? context.condition : nil
      let standard = StandardNormal(shape: [count, dimensions], in: graph)
      switch prior.kind {
      case .standardNormal:
        guard let conditional, let condition else { return standard }
        return conditional(condition, mode: context.mode)
      case .normal:
        let mean = graph.read(parameters[0]).broadcast(to: [count, dimensions])
        return MultivariateNormal(
          mean: mean, factor: CholeskyFactor(unconstrained: graph.read(parameters[1])), form: .precision)
      case .mixture:
        return NormalMixture(
          means: graph.read(parameters[0]), logVariances: graph.read(parameters[1]).smoothlyBounded(),
          logits: graph.read(parameters[2]), leading: [count])
      case .vampPrior:
        guard let components = context.encode(pseudoInputs(in: graph)) as? DiagonalNormal else {
          stop("a VampPrior is made of diagonal Normals")
        }
        return NormalMixture(means: components.mean, logVariances: components.logVariance, leading: [count])
      case .realNVP, .maskedAutoregressiveFlow:
        return TransformedDistribution(base: standard, through: flow?.bijections(context: condition) ?? [])
      case .autoregressive:
        return autoregressive?.distribution(leading: [count], context: condition, in: graph) ?? standard
      }
    }
  }

  /// What a VampPrior encodes, [components, ...], within the range of the data.
  ///
  /// Values beyond either end are mirrored there. Those within are as they are, and, unlike where values are clamped
  /// (Tomczak & Welling 2018 do), the many that begin at the data's least value keep a gradient. What even mirrored lies
  /// beyond the other end is clamped.
  func pseudoInputs(in graph: Graph) -> Tensor {
    var inputs = graph.read(parameters[0]) + graph.read(parameters[1])
    if let least = range.least { inputs = (inputs - least).absoluteValue() + least }
    if let greatest = range.greatest {
      inputs = greatest - (inputs - greatest).absoluteValue()
      if let least = range.least { inputs = inputs.maximum(least) }
    }
    return inputs.reshape(Shape([prior.components] + exampleShape))
  }
}
