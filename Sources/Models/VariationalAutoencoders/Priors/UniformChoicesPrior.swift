import Foundation
import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// All categories of a categorical, both values of a Bernoulli posterior alike (Jang et al. 2016, section 4.2).
public struct UniformChoicesPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("uniformChoices", "all categories of a categorical or Bernoulli posterior alike")
  /// What may be relied on.
  public var traits: PriorTraits { .choices }

  /// How many latents the decoder takes: choices times categories, or as many as there are zeros and ones; 0 for one choice among
  /// categories at each place of the encoder's grid.
  public var dimensions = 200

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses places where the prior would have to depend on a condition.
  public func validate(at site: PriorSite) throws { try refuseCondition(at: site) }

  /// Makes the prior, which has no variables.
  public func make(at site: PriorSite) -> any PriorModule {
    Module(categories: (site.model.encoder.posterior as? CategoricalPosterior)?.categories, latents: site.latents)
  }

  private struct Module: PriorModule {
    let categories: Int?, latents: Int
    var variables: [Variable] { [] }

    func distribution(_ context: PriorContext) -> any Distribution {
      UniformChoices(count: context.count, latents: latents, categories: categories, graph: context.graph)
    }
  }
}

extension PriorFamily where Self == UniformChoicesPrior {
  /// All choices alike.
  public static func uniformChoices(dimensions: Int) -> Self {
    var prior = UniformChoicesPrior()
    prior.dimensions = dimensions
    return prior
  }
}

/// Choices drawn with equal probabilities: among categories, or zeros and ones where there are none.
struct UniformChoices: Distribution {
  let count: Int, latents: Int
  let categories: Int?
  let graph: Graph

  /// The logarithm of how many values there are.
  var logarithmOfCount: Double {
    categories.map { Double(latents / $0) * Foundation.log(Double($0)) } ?? Double(latents) * Foundation.log(2)
  }

  func logProbability(_ x: Tensor) -> Tensor { x.sum([-1]) * 0 - logarithmOfCount }

  func sample(count draws: Int?) -> Tensor {
    let logits = graph.constant([0], shape: [count, latents])
    let sampling = ChoiceSampling(draws: .discrete, temperature: graph.constant(1))
    let distribution: any Distribution =
      categories.map { Choices(logits: logits, categories: $0, draws: sampling) }
      ?? Coins(logits: logits, draws: sampling)
    return distribution.sample(count: draws)
  }

  var mean: Tensor { graph.constant([1 / Double(categories ?? 2)], shape: [count, latents]) }
}
