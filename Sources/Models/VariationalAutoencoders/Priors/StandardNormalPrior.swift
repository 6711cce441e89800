import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// N(0, I) (Kingma & Welling 2013); where it depends on a condition, a Normal whose mean and variances do (Sohn et al. 2015).
public struct StandardNormalPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("standardNormal", "N(0, I)")
  /// What may be relied on.
  public var traits: PriorTraits { .independentLatents }

  /// How many latents the decoder takes.
  public var dimensions = 20

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses settings and places that make no such prior.
  public func validate(at site: PriorSite) throws {}

  /// Makes its variables.
  public func make(at site: PriorSite) -> any PriorModule {
    guard site.condition > 0 else { return Standard(latents: site.latents) }
    let head = NormalHead("prior/condition", inputs: site.condition, latents: site.latents)
    return Conditional(head: head, standard: Standard(latents: site.latents))
  }

  private struct Standard: PriorModule {
    let latents: Int
    var variables: [Variable] { [] }

    func distribution(_ context: PriorContext) -> any Distribution {
      StandardNormal(shape: [context.count, latents], in: context.graph)
    }
  }

  private struct Conditional: PriorModule {
    let head: NormalHead
    let standard: Standard
    var variables: [Variable] { head.variables }

    func distribution(_ context: PriorContext) -> any Distribution {
      guard let condition = context.condition else { return standard.distribution(context) }
      return head(condition, mode: context.mode)
    }
  }
}

extension PriorFamily where Self == StandardNormalPrior {
  /// N(0, I) in a number of dimensions.
  public static func standardNormal(dimensions: Int) -> Self {
    var prior = StandardNormalPrior()
    prior.dimensions = dimensions
    return prior
  }
}
