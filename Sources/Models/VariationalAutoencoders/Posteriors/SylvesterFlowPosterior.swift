import LatentDistributions

/// Sylvester flows over a diagonal Normal, whose orthogonal matrices are products of Householder reflections (van den Berg
/// et al. 2018).
public struct SylvesterFlowPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("sylvesterFlow", "Sylvester flows over a diagonal Normal")
  /// What may be relied on.
  public var traits: PosteriorTraits { [] }

  /// How many transformations there are.
  public var steps = 4
  /// How many reflections make up the orthogonal matrix of each.
  public var reflections = 4

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses numbers of transformations and reflections that no flow has.
  public func validate(in model: VariationalAutoencoder) throws {
    try validate(steps: steps, reflections: reflections)
  }

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule {
    let (latents, reflections) = (site.latents, reflections)
    return AmortizedFlowModule(
      at: site, steps: steps, parameters: SylvesterFlow.parameterCount(dimensions: latents, reflections: reflections)
    ) { SylvesterFlow(parameters: $0, dimensions: latents, reflections: reflections) }
  }
}

extension PosteriorFamily where Self == SylvesterFlowPosterior {
  /// Sylvester flows over a diagonal Normal.
  public static func sylvesterFlow(steps: Int) -> Self {
    var posterior = SylvesterFlowPosterior()
    posterior.steps = steps
    return posterior
  }
}
