import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A mixture of diagonal Normals whose weights, means, and variances are learned (Dilokthanakul et al. 2016).
public struct MixturePrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "mixture", "a mixture of diagonal Normals with learned weights, means, and variances")
  /// What may be relied on.
  public var traits: PriorTraits { .learned }

  /// How many latents the decoder takes.
  public var dimensions = 20
  /// How many Normals there are.
  public var components = 10

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses settings and places that make no such prior.
  public func validate(at site: PriorSite) throws {
    try validate(components: components)
    try refuseCondition(at: site)
  }

  /// Makes its variables.
  public func make(at site: PriorSite) -> any PriorModule { Module(components: components, latents: site.latents) }

  private struct Module: PriorModule {
    let means: Variable, logVariances: Variable, logits: Variable

    init(components: Int, latents: Int) {
      means = Variable("prior/means", shape: [components, latents], initializer: .normal(standardDeviation: 1))
      logVariances = Variable("prior/logVariances", shape: [components, latents])
      logits = Variable("prior/logits", shape: [components])
    }

    var variables: [Variable] { [means, logVariances, logits] }

    func distribution(_ context: PriorContext) -> any Distribution {
      let graph = context.graph
      return NormalMixture(
        means: graph.read(means), logVariances: graph.read(logVariances).smoothlyBounded(), logits: graph.read(logits),
        leading: [context.count])
    }
  }
}

extension PriorFamily where Self == MixturePrior {
  /// A mixture of diagonal Normals, all of it learned.
  public static func mixture(dimensions: Int, components: Int) -> Self {
    var prior = MixturePrior()
    (prior.dimensions, prior.components) = (dimensions, components)
    return prior
  }
}
