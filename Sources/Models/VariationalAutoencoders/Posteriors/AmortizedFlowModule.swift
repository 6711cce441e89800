import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A diagonal Normal passed through transformations, each of whose parameters come from the features.
struct AmortizedFlowModule: PosteriorModule {
  private let base: DiagonalNormalModule
  private let head: Dense
  private let steps: Int
  private let transformation: @Sendable (Tensor) -> any Bijection

  /// - Parameters:
  ///   - parameters: how many numbers of the encoder describe one transformation.
  ///   - transformation: from these, [B, parameters].
  init(
    at site: PosteriorSite, steps: Int, parameters: Int, _ transformation: @escaping @Sendable (Tensor) -> any Bijection
  ) {
    base = DiagonalNormalModule(at: site)
    head = Dense(site.name + "/flow", inputs: site.features, outputs: parameters * steps)
    self.steps = steps
    self.transformation = transformation
  }

  var variables: [Variable] { base.variables + head.variables }

  func distribution(_ features: Tensor) -> any Distribution {
    let normal = base.normal(features)
    let parameters = head(features).split(steps, dimension: 1)
    return TransformedDistribution(base: normal, through: parameters.map(transformation))
  }
}
