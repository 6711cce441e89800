/// Masked autoregressive flow over N(0, I) (Papamakarios et al. 2017).
public struct MaskedAutoregressiveFlowPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("maskedAutoregressiveFlow", "masked autoregressive flow over N(0, I)")
  /// What may be relied on.
  public var traits: PriorTraits { .learned }

  /// How many latents the decoder takes.
  public var dimensions = 20
  /// How many transformations there are.
  public var steps = 4
  /// The widths of each one's hidden layers.
  public var hidden = [128, 128]

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses settings and places that make no such prior.
  public func validate(at site: PriorSite) throws {
    try validate(steps: steps, hidden: hidden)
  }

  /// Makes its variables.
  public func make(at site: PriorSite) -> any PriorModule {
    FlowPriorModule(.maskedAutoregressive, steps: steps, hidden: hidden, at: site)
  }
}

extension PriorFamily where Self == MaskedAutoregressiveFlowPrior {
  /// Masked autoregressive flow over N(0, I).
  public static func maskedAutoregressiveFlow(
    dimensions: Int, steps: Int = 4, hidden: [Int] = [128, 128]
  ) -> Self {
    var prior = MaskedAutoregressiveFlowPrior()
    (prior.dimensions, prior.steps, prior.hidden) = (dimensions, steps, hidden)
    return prior
  }
}
