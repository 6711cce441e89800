import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// One point: the code of a deterministic autoencoder, which has no density and hence no bound.
public struct PointPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("point", "one point, the code of a deterministic autoencoder")
  /// What may be relied on.
  public var traits: PosteriorTraits { .point }

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses nothing.
  public func validate(in model: VariationalAutoencoder) throws {}

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule {
    Module(head: Dense(site.name, inputs: site.features, outputs: site.latents))
  }

  private struct Module: PosteriorModule {
    let head: Dense
    var variables: [Variable] { head.variables }

    func distribution(_ features: Tensor) -> any Distribution { PointMass(mean: head(features)) }
  }
}

extension PosteriorFamily where Self == PointPosterior {
  /// The code of a deterministic autoencoder.
  public static var point: Self { PointPosterior() }
}

/// All probability at one point.
private struct PointMass: Distribution {
  let mean: Tensor

  /// Zeros: a point has no density. Objectives that need one refuse this posterior before they are traced.
  func logProbability(_ x: Tensor) -> Tensor { (x - mean).sum([-1]) * 0 }

  func sample(count: Int?) -> Tensor {
    count.map { mean.broadcast(to: Shape([$0] + mean.shape.dimensions)) } ?? mean
  }

  /// None: the divergence of a point from a density is infinite.
  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? { nil }
}
