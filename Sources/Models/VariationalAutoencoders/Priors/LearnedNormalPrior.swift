import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// A Normal with learned mean and covariance.
public struct LearnedNormalPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("normal", "a Normal with learned mean and covariance")
  /// What may be relied on.
  public var traits: PriorTraits { .learned }

  /// How many latents the decoder takes.
  public var dimensions = 20

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses settings and places that make no such prior.
  public func validate(at site: PriorSite) throws {
    try refuseCondition(at: site)
    guard site.latents > Self.mostLatents else { return }
    throw LatentError.usage(
      "A prior of kind normal has a matrix of its latents by its latents, which \(site.latents) are too many for",
      remedy: "Set model.prior.dimensions, or the last of model.hierarchy.layers, to \(Self.mostLatents) or less, "
        + "or model.prior.kind=realNVP")
  }

  /// 64 MB of matrix.
  private static let mostLatents = 4096

  /// Makes its variables.
  public func make(at site: PriorSite) -> any PriorModule { Module(latents: site.latents) }

  private struct Module: PriorModule {
    let mean: Variable, precision: Variable

    init(latents: Int) {
      mean = Variable("prior/mean", shape: [latents])
      precision = Variable("prior/precision", shape: [CholeskyFactor.parameterCount(dimensions: latents)])
    }

    var variables: [Variable] { [mean, precision] }

    func distribution(_ context: PriorContext) -> any Distribution {
      let mean = context.graph.read(mean)
      return MultivariateNormal(
        mean: mean.broadcast(to: [context.count, mean.shape[0]]),
        factor: CholeskyFactor(unconstrained: context.graph.read(precision)), form: .precision)
    }
  }
}

extension PriorFamily where Self == LearnedNormalPrior {
  /// A Normal with learned mean and covariance.
  public static func normal(dimensions: Int) -> Self {
    var prior = LearnedNormalPrior()
    prior.dimensions = dimensions
    return prior
  }
}
