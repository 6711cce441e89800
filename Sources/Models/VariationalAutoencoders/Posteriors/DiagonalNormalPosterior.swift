import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Independent Normals, mean and log-variance from the features (Kingma & Welling 2013, equation 9), which gradient steps
/// may improve for each example.
public struct DiagonalNormalPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("diagonalNormal", "independent Normals, mean and log-variance from the encoder")
  /// What may be relied on.
  public var traits: PosteriorTraits { [.diagonalNormal, .densityAnywhere] }

  /// How many natural-gradient steps improve the encoder's mean and log-variance for each example; 0 for none.
  public var refinementSteps = 0
  /// The size of those steps: the share, up to 1, of the way to the best precision and mean that a step goes.
  public var refinementRate = 0.1

  /// The settings that it has where none are given.
  public init() {}

  /// What the settings say of refinement.
  public var refinement: Refinement? {
    refinementSteps > 0 ? Refinement(steps: refinementSteps, rate: refinementRate) : nil
  }

  /// Refuses settings that make no such posterior.
  public func validate(in model: VariationalAutoencoder) throws {
    guard (0...200).contains(refinementSteps), refinementRate > 0, refinementRate <= 1 else {
      throw LatentError.usage(
        "A posterior cannot be refined in \(refinementSteps) steps of \(refinementRate)",
        remedy: "Set model.encoder.posterior.refinementSteps from 0 to 200 and .refinementRate above 0, up to 1")
    }
  }

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule { DiagonalNormalModule(at: site) }
}

extension PosteriorFamily where Self == DiagonalNormalPosterior {
  /// An independent Normal for each latent, whose mean and log-variance come from the encoder.
  public static var diagonalNormal: Self { DiagonalNormalPosterior() }

  /// Independent Normals that gradient steps improve for each example.
  public static func semiAmortized(steps: Int = 20, rate: Double = 0.1) -> Self {
    var posterior = DiagonalNormalPosterior()
    (posterior.refinementSteps, posterior.refinementRate) = (steps, rate)
    return posterior
  }
}

/// Features to a diagonal Normal: a posterior of its own, and the base of flows.
struct DiagonalNormalModule: PosteriorModule {
  private let head: Dense
  private let latents: Int

  init(at site: PosteriorSite) {
    head = Dense(site.name, inputs: site.features, outputs: 2 * site.latents)
    latents = site.latents
  }

  var variables: [Variable] { head.variables }

  func normal(_ features: Tensor) -> DiagonalNormal {
    let outputs = head(features)
    return DiagonalNormal(
      mean: outputs.slice(1, 0..<latents), logVariance: outputs.slice(1, latents..<(2 * latents)).smoothlyBounded())
  }

  func distribution(_ features: Tensor) -> any Distribution { normal(features) }

  func mean(_ features: Tensor) -> Tensor { head(features, outputs: 0..<latents) }
}
