import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Codes of several grids, each with half the rows and columns of the one below; a level is quantised given all above it (Razavi
/// et al. 2019, algorithm 1).
struct CodePyramid: CodeModule {
  /// A level: the features it sees become vectors, and its codes with those above become what the level below sees.
  private struct Level {
    /// The grid of its codes.
    let rows: Int, columns: Int
    /// From the features of the level below; `nil` for the lowest.
    let down: Sequential?
    let head: Convolution
    let quantizer: any Quantizer
    /// Its codes, and those above, to the places of the level below; `nil` for the lowest.
    let up: TransposedConvolution?

    var variables: [Variable] {
      (down?.variables ?? []) + head.variables + quantizer.variables + (up?.variables ?? [])
    }
  }

  /// The lowest first.
  private let levels: [Level]
  private let width: Int
  private let features: Int
  let layout: CodeLayout

  init(_ settings: QuantizedPosterior, at site: PosteriorSite) {
    let features = site.features / site.positions
    let vectors = site.latents / site.positions / 2
    (width, self.features) = (settings.codeDimensions, features)
    layout = settings.layout(latents: site.latents)
    let count = settings.levels
    levels = (0..<count).map { index in
      let name = "\(site.name)/level\(index)"
      let isTop = index == count - 1
      let above = isTop ? vectors : 2 * vectors
      return Level(
        rows: site.grid[0] >> index, columns: site.grid[1] >> index,
        down: index == 0
          ? nil
          : Sequential([
            Convolution(name + "/down", inputs: features, outputs: features, size: 4, stride: 2, activation: .relu),
            Convolution(name + "/features", inputs: features, outputs: features, size: 3, activation: .relu),
          ]),
        head: Convolution(name + "/vectors", inputs: features + (isTop ? 0 : vectors), outputs: vectors, size: 1),
        quantizer: settings.quantizer.make(name + "/quantizer", dimensions: settings.codeDimensions),
        up: index == 0
          ? nil : TransposedConvolution(name + "/up", inputs: above, outputs: vectors, size: 4, stride: 2))
    }
  }

  var variables: [Variable] { levels.flatMap(\.variables) }

  func codes(_ features: Tensor, mode: Mode) -> CodeDistribution {
    let batch = features.shape[0]
    var seen = [features.reshape([batch, levels[0].rows, levels[0].columns, self.features])]
    for level in levels.dropFirst() { seen.append(level.down?(seen[seen.count - 1], mode: mode) ?? seen[0]) }
    var (codes, loss) = ([Tensor](), features.graph.constant([0], shape: [batch]))
    let all = descend { index, above in
      let level = levels[index]
      let input = above.map { Tensor.concatenate([seen[index], $0], dimension: -1) } ?? seen[index]
      let result = level.quantizer(level.head(input, mode: mode).reshape([batch, -1, width]), mode: mode)
      codes.append(result.codes)
      loss = loss + result.loss
      return result.vectors
    }
    return CodeDistribution(
      mean: all.reshape([batch, -1]), codes: Tensor.concatenate(codes, dimension: 1), loss: loss)
  }

  func latents(of codes: Tensor) -> Tensor {
    let parts = layout.split(codes)
    return descend { index, _ in levels[index].quantizer.vectors(parts[levels.count - 1 - index]) }
      .reshape([codes.shape[0], -1])
  }

  /// From the top down: the vectors [B, n, width] of each level, and with them what comes from above.
  private func descend(_ vectors: (_ level: Int, _ above: Tensor?) -> Tensor) -> Tensor {
    var above: Tensor?
    for index in levels.indices.dropFirst().reversed() {
      above = levels[index].up?(grid(index, vectors(index, above), above))
    }
    return grid(0, vectors(0, above), above)
  }

  private func grid(_ level: Int, _ vectors: Tensor, _ above: Tensor?) -> Tensor {
    let own = vectors.reshape([vectors.shape[0], levels[level].rows, levels[level].columns, -1])
    return above.map { Tensor.concatenate([own, $0], dimension: -1) } ?? own
  }
}
