import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// No latents, of which there is nothing to infer.
public struct NoPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("none", "no latents, of which there is nothing to infer")
  /// What may be relied on.
  public var traits: PosteriorTraits { .nothing }

  /// It has no settings.
  public init() {}

  /// Refuses further layers of latents.
  public func validate(in model: VariationalAutoencoder) throws {
    guard model.hierarchy.layers.isEmpty else {
      throw LatentError.usage("A model without latents has no layers of them", remedy: "Set model.hierarchy.layers=[]")
    }
  }

  /// Makes the posterior, which has no variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule { Module() }

  private struct Module: PosteriorModule {
    var variables: [Variable] { [] }

    func distribution(_ features: Tensor) -> any Distribution {
      Nothing(mean: features.graph.constant([0], shape: [features.shape[0], 1]))
    }
  }
}
