import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// Affine coupling layers over N(0, I) (Dinh et al. 2017).
public struct RealNVPPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("realNVP", "affine coupling layers over N(0, I)")
  /// What may be relied on.
  public var traits: PriorTraits { .learned }

  /// How many latents the decoder takes.
  public var dimensions = 20
  /// How many coupling layers there are.
  public var steps = 4
  /// The widths of each one's hidden layers.
  public var hidden = [128, 128]

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses settings and places that make no such prior.
  public func validate(at site: PriorSite) throws {
    try validate(steps: steps, hidden: hidden)
    guard site.latents >= 2 else {
      throw LatentError.usage(
        "A RealNVP prior splits the latents in two, of which there is only one",
        remedy: "Set model.prior.dimensions to 2 or more, or model.prior.kind=maskedAutoregressiveFlow")
    }
  }

  /// Makes its variables.
  public func make(at site: PriorSite) -> any PriorModule {
    FlowPriorModule(.realNVP, steps: steps, hidden: hidden, at: site)
  }
}

extension PriorFamily where Self == RealNVPPrior {
  /// Affine coupling layers over N(0, I).
  public static func realNVP(dimensions: Int, steps: Int = 4, hidden: [Int] = [128, 128]) -> Self {
    var prior = RealNVPPrior()
    (prior.dimensions, prior.steps, prior.hidden) = (dimensions, steps, hidden)
    return prior
  }
}

/// A flow over N(0, I), with its variables.
struct FlowPriorModule: PriorModule {
  private let flow: FlowStack
  private let latents: Int

  init(_ kind: FlowStack.Kind, steps: Int, hidden: [Int], at site: PriorSite) {
    latents = site.latents
    flow = FlowStack(
      "prior/flow", kind: kind, dimensions: site.latents, steps: steps, hidden: hidden, context: site.condition)
  }

  var variables: [Variable] { flow.variables }

  func distribution(_ context: PriorContext) -> any Distribution {
    TransformedDistribution(
      base: StandardNormal(shape: [context.count, latents], in: context.graph),
      through: flow.bijections(context: context.condition))
  }
}
