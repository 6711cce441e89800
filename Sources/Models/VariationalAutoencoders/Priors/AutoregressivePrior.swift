import LatentDistributions
import LatentTensorGraph

/// A mixture of Normals for each latent, given the latents before it (Germain et al. 2015).
public struct AutoregressivePrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("autoregressive", "a mixture of Normals for each latent, given those before it")
  /// What may be relied on.
  public var traits: PriorTraits { .learned }

  /// How many latents the decoder takes.
  public var dimensions = 20
  /// How many Normals each mixture has.
  public var components = 5
  /// The widths of the hidden layers.
  public var hidden = [128, 128]

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses settings and places that make no such prior.
  public func validate(at site: PriorSite) throws {
    try validate(components: components)
    try validate(hidden: hidden)
  }

  /// Makes its variables.
  public func make(at site: PriorSite) -> any PriorModule {
    Module(
      network: AutoregressiveNormal(
        "prior/autoregressive", dimensions: site.latents, components: components, hidden: hidden,
        context: site.condition))
  }

  private struct Module: PriorModule {
    let network: AutoregressiveNormal
    var variables: [Variable] { network.variables }

    func distribution(_ context: PriorContext) -> any Distribution {
      network.distribution(leading: [context.count], context: context.condition, in: context.graph)
    }
  }
}

extension PriorFamily where Self == AutoregressivePrior {
  /// Each latent given those before it.
  public static func autoregressive(dimensions: Int, components: Int = 5, hidden: [Int] = [128, 128]) -> Self {
    var prior = AutoregressivePrior()
    (prior.dimensions, prior.components, prior.hidden) = (dimensions, components, hidden)
    return prior
  }
}
