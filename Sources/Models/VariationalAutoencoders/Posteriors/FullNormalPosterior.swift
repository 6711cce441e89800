import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A Normal whose covariance's Cholesky factor comes from the features, so that latents can depend on each other given the
/// example (Kingma & Welling 2019, section 2.6).
public struct FullNormalPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("fullNormal", "a Normal with full covariance")
  /// What may be relied on.
  public var traits: PosteriorTraits { .densityAnywhere }

  /// A matrix of so many latents for each example is 4 MB, and the network's output half of that.
  private static let mostLatents = 1024

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses models with too many latents for a matrix of them.
  public func validate(in model: VariationalAutoencoder) throws {
    guard model.prior.dimensions <= Self.mostLatents else {
      throw LatentError.usage(
        "A full covariance of \(model.prior.dimensions) latents is too large a matrix for every example",
        remedy: "Set model.prior.dimensions to \(Self.mostLatents) or less, "
          + "or model.encoder.posterior.kind=diagonalNormal")
    }
  }

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule { Module(at: site) }

  private struct Module: PosteriorModule {
    let head: Dense
    let latents: Int

    init(at site: PosteriorSite) {
      latents = site.latents
      head = Dense(
        site.name, inputs: site.features,
        outputs: latents + CholeskyFactor.parameterCount(dimensions: latents))
    }

    var variables: [Variable] { head.variables }

    func distribution(_ features: Tensor) -> any Distribution {
      let outputs = head(features)
      return MultivariateNormal(
        mean: outputs.slice(1, 0..<latents),
        factor: CholeskyFactor(unconstrained: outputs.slice(1, latents..<outputs.shape[1])))
    }

    func mean(_ features: Tensor) -> Tensor { head(features, outputs: 0..<latents) }
  }
}

extension PosteriorFamily where Self == FullNormalPosterior {
  /// A Normal with full covariance.
  public static var fullNormal: Self { FullNormalPosterior() }
}
