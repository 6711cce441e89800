import LatentDistributions

/// Planar flows over a diagonal Normal, their parameters from the features (Rezende & Mohamed 2015).
public struct PlanarFlowPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("planarFlow", "planar flows over a diagonal Normal")
  /// What may be relied on.
  public var traits: PosteriorTraits { [] }

  /// How many transformations there are.
  public var steps = 4

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses numbers of transformations that no flow has.
  public func validate(in model: VariationalAutoencoder) throws { try validate(steps: steps) }

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule {
    AmortizedFlowModule(
      at: site, steps: steps, parameters: PlanarFlow.parameterCount(dimensions: site.latents)
    ) { PlanarFlow(parameters: $0) }
  }
}

extension PosteriorFamily where Self == PlanarFlowPosterior {
  /// Planar flows over a diagonal Normal.
  public static func planarFlow(steps: Int) -> Self {
    var posterior = PlanarFlowPosterior()
    posterior.steps = steps
    return posterior
  }
}
