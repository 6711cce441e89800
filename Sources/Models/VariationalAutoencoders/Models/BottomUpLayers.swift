import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Several layers of latents, each inferred from a draw of the one below (Burda et al. 2015, section 5).
struct BottomUpLayers: LatentVariables {
  private let first: NormalHead
  /// From a layer to the one above.
  private let up: [NormalHead]
  private let down: TopDownLayers

  init(_ specification: VariationalAutoencoder, features: Int, exampleShape: [Int]) {
    let network = specification.encoder.network
    let layers = specification.hierarchy.layers
    down = TopDownLayers(specification, exampleShape: exampleShape)
    let sizes = down.sizes
    first = NormalHead("encoder/posterior", inputs: features, latents: sizes[0])
    up = layers.enumerated().map { index, layer in
      NormalHead(
        "encoder/layer\(index + 1)", network: network, inputs: sizes[index], hidden: layer.hidden,
        latents: layer.latents)
    }
  }

  var inferenceVariables: [Variable] { first.variables + up.flatMap(\.variables) }
  var generativeVariables: [Variable] { down.variables }

  func draw(_ features: Tensor, samples: Int, _ context: LatentContext) -> LatentDraw {
    let top = down.top(features.shape[0], in: features.graph, context)
    var posterior = first(features, mode: context.mode)
    var draws: [(posterior: DiagonalNormal, z: Tensor, logPosterior: Tensor)] = []
    for index in 0...up.count {
      let draw = posterior.sampleWithLogProbability(count: index == 0 ? samples : nil)
      draws.append((posterior, draw.sample, draw.logProbability))
      if index < up.count { posterior = up[index](draw.sample, mode: context.mode) }
    }
    let layers = draws.enumerated().map { index, draw in
      guard index < up.count else {
        return LatentDraw.Layer(
          posterior: posterior, prior: top, z: draw.z, logPosterior: draw.logPosterior,
          logPrior: top.logProbability(draw.z),
          elementRate: elementKullbackLeibler(from: posterior, to: top), rate: kullbackLeibler(from: posterior, to: top)
        )
      }
      // The layer above was drawn from this one, so that the divergence has no closed form.
      let given = down.heads[index](draws[index + 1].z, mode: context.mode)
      return LatentDraw.Layer(
        posterior: draw.posterior, prior: given, z: draw.z, logPosterior: draw.logPosterior,
        logPrior: given.logProbability(draw.z), elementRate: nil, rate: nil)
    }
    return LatentDraw(z: draws[0].z, layers: layers, posterior: nil)
  }

  func generate(_ count: Int, in graph: Graph, _ context: LatentContext) -> Tensor {
    down.generate(count, in: graph, context)
  }

  func mean(_ features: Tensor, _ context: LatentContext) -> Tensor { first(features, mode: context.mode).mean }
}
