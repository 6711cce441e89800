import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// How several layers of latents are generated: the top one from the prior, each other one from the layer above.
struct TopDownLayers {
  /// How many latents each layer has, the first layer first.
  let sizes: [Int]
  /// From a layer to the one below, by the number of the latter.
  let heads: [NormalHead]
  private let prior: PlacedPrior

  init(_ specification: VariationalAutoencoder, exampleShape: [Int]) {
    let layers = specification.hierarchy.layers
    let sizes = [specification.prior.dimensions] + layers.map(\.latents)
    self.sizes = sizes
    heads = layers.enumerated().map { index, layer in
      NormalHead(
        "prior/layer\(index)", network: specification.decoder.network, inputs: layer.latents,
        hidden: layer.hidden.reversed(), latents: sizes[index])
    }
    prior = PlacedPrior(PriorSite(specification, exampleShape: exampleShape))
  }

  var variables: [Variable] { heads.flatMap(\.variables) + prior.variables }

  /// The prior of the top layer.
  func top(_ count: Int, in graph: Graph, _ context: LatentContext) -> any Distribution {
    prior.distribution(count: count, in: graph, context)
  }

  /// Draws of the first layer: [count, latents].
  func generate(_ count: Int, in graph: Graph, _ context: LatentContext) -> Tensor {
    heads.reversed().reduce(top(count, in: graph, context).sample(count: nil)) { z, head in
      head(z, mode: context.mode).sample(count: nil)
    }
  }
}
