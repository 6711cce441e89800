import LatentDistributions
import LatentTensorGraph

/// Inverse autoregressive flow over a diagonal Normal; its networks see the features (Kingma et al. 2016).
public struct InverseAutoregressiveFlowPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "inverseAutoregressiveFlow", "inverse autoregressive flow over a diagonal Normal")
  /// What may be relied on.
  public var traits: PosteriorTraits { [] }

  /// How many transformations there are.
  public var steps = 4
  /// The widths of each one's hidden layers.
  public var hidden = [128, 128]

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses numbers that no flow has.
  public func validate(in model: VariationalAutoencoder) throws { try validate(steps: steps, hidden: hidden) }

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule {
    Module(
      base: DiagonalNormalModule(at: site),
      flow: FlowStack(
        site.name + "/flow", kind: .inverseAutoregressive, dimensions: site.latents, steps: steps, hidden: hidden,
        context: site.features))
  }

  private struct Module: PosteriorModule {
    let base: DiagonalNormalModule
    let flow: FlowStack
    var variables: [Variable] { base.variables + flow.variables }

    func distribution(_ features: Tensor) -> any Distribution {
      TransformedDistribution(base: base.normal(features), through: flow.bijections(context: features))
    }
  }
}

extension PosteriorFamily where Self == InverseAutoregressiveFlowPosterior {
  /// Inverse autoregressive flow over a diagonal Normal.
  public static func inverseAutoregressiveFlow(steps: Int, hidden: [Int] = [128, 128]) -> Self {
    var posterior = InverseAutoregressiveFlowPosterior()
    (posterior.steps, posterior.hidden) = (steps, hidden)
    return posterior
  }
}
