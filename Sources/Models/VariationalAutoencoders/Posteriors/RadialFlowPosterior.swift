import LatentDistributions

/// Radial flows over a diagonal Normal, their parameters from the features (Rezende & Mohamed 2015).
public struct RadialFlowPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("radialFlow", "radial flows over a diagonal Normal")
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
      at: site, steps: steps, parameters: RadialFlow.parameterCount(dimensions: site.latents)
    ) { RadialFlow(parameters: $0) }
  }
}

extension PosteriorFamily where Self == RadialFlowPosterior {
  /// Radial flows over a diagonal Normal.
  public static func radialFlow(steps: Int) -> Self {
    var posterior = RadialFlowPosterior()
    posterior.steps = steps
    return posterior
  }
}
