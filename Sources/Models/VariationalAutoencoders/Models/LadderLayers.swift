import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Several layers of latents whose posteriors are merged with their priors on the way down (Sonderby et al. 2016).
struct LadderLayers: LatentVariables {
  /// Features of each layer but the first, from those of the layer below.
  private let up: [Sequential]
  /// From a layer's features to what they alone say of its latents.
  private let evidence: [NormalHead]
  private let down: TopDownLayers

  init(_ specification: VariationalAutoencoder, features: Int, exampleShape: [Int]) {
    let network = specification.encoder.network
    let layers = specification.hierarchy.layers
    down = TopDownLayers(specification, exampleShape: exampleShape)
    let sizes = down.sizes
    var widths = [features]
    var up: [Sequential] = []
    for (index, layer) in layers.enumerated() {
      let (chain, width) = network.chain("encoder/layer\(index + 1)", inputs: widths[index], widths: layer.hidden)
      up.append(chain)
      widths.append(width)
    }
    self.up = up
    evidence = sizes.enumerated().map { index, latents in
      NormalHead("encoder/evidence\(index)", inputs: widths[index], latents: latents)
    }
  }

  // The way down belongs to both; it is the prior's.
  var inferenceVariables: [Variable] { up.flatMap(\.variables) + evidence.flatMap(\.variables) }
  var generativeVariables: [Variable] { down.variables }

  func draw(_ features: Tensor, samples: Int, _ context: LatentContext) -> LatentDraw {
    let top = down.top(features.shape[0], in: features.graph, context)
    let evidence = evidence(features, context)
    var layers: [LatentDraw.Layer] = []
    var z = features
    for index in evidence.indices.reversed() {
      let isTop = index == evidence.count - 1
      let given = isTop ? nil : down.heads[index](z, mode: context.mode)
      let posterior = given.map { evidence[index].sharedByDraws().merged(with: $0) } ?? evidence[index]
      let prior: any Distribution = given ?? top
      let draw = posterior.sampleWithLogProbability(count: isTop ? samples : nil)
      z = draw.sample
      layers.append(
        LatentDraw.Layer(
          posterior: posterior, prior: prior, z: z, logPosterior: draw.logProbability,
          logPrior: prior.logProbability(z),
          elementRate: elementKullbackLeibler(from: posterior, to: prior),
          rate: kullbackLeibler(from: posterior, to: prior)))
    }
    return LatentDraw(z: z, layers: layers.reversed(), posterior: nil)
  }

  func generate(_ count: Int, in graph: Graph, _ context: LatentContext) -> Tensor {
    down.generate(count, in: graph, context)
  }

  func mean(_ features: Tensor, _ context: LatentContext) -> Tensor {
    let evidence = evidence(features, context)
    return down.heads.indices.reversed().reduce(evidence[evidence.count - 1].mean) { above, index in
      evidence[index].merged(with: down.heads[index](above, mode: context.mode)).mean
    }
  }

  private func evidence(_ features: Tensor, _ context: LatentContext) -> [DiagonalNormal] {
    var features = [features]
    for chain in up { features.append(chain(features[features.count - 1], mode: context.mode)) }
    return zip(evidence, features).map { $0($1, mode: context.mode) }
  }
}

extension DiagonalNormal {
  /// The normalised product of both densities: precisions add up, means are weighted by them (Sonderby et al. 2016,
  /// equations 17 to 19).
  func merged(with other: DiagonalNormal) -> DiagonalNormal {
    let (precision, otherPrecision) = ((-logVariance).exp(), (-other.logVariance).exp())
    let sum = precision + otherPrecision
    return DiagonalNormal(
      mean: (mean * precision + other.mean * otherPrecision) / sum, logVariance: -sum.log())
  }
}
