import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// An encoder whose features are those of the places of a grid, one place after another; what an example is conditioned on joins
/// those of every place.
struct GridEncoder: EncoderModule {
  let layers: Sequential
  let features: Int

  var variables: [Variable] { layers.variables }

  func callAsFunction(_ examples: Tensor, condition: Tensor?, mode: Mode) -> Tensor {
    layers(examples, mode: mode).joined(by: condition).flattened()
  }
}

/// Latents [N, L], one place of a grid after another, and what comes after them, [N, K], as a grid [N, height, width, L / places + K].
struct LatentGrid: Layer {
  let height: Int, width: Int
  /// How many of the inputs belong to all places.
  let condition: Int

  var variables: [Variable] { [] }

  func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    let latents = input.shape[1] - condition
    let grid = input.slice(1, 0..<latents).reshape([input.shape[0], height, width, -1])
    return grid.joined(by: condition > 0 ? input.slice(1, latents..<input.shape[1]) : nil)
  }
}

extension Tensor {
  /// A grid [N, height, width, C] with further channels that are the same everywhere, [N, K].
  fileprivate func joined(by condition: Tensor?) -> Tensor {
    guard let condition else { return self }
    let (count, width) = (shape[0], condition.shape[1])
    let everywhere = condition.reshape([count, 1, 1, width]).broadcast(to: [count, shape[1], shape[2], width])
    return Tensor.concatenate([self, everywhere], dimension: 3)
  }
}

extension NetworkFamily {
  /// The places of the last of some levels; asked before settings are validated, so that there may be none.
  func places(of levels: [(height: Int, width: Int)]) -> [Int] { levels.last.map { [$0.height, $0.width] } ?? [1, 1] }

  /// From latents of a grid's places to the channels that a decoder of images starts from.
  func gridSeed(at site: DecoderSite, _ seed: [Int]) -> [any Layer] {
    let channels = (site.inputs - site.condition) / (seed[0] * seed[1]) + site.condition
    return [
      LatentGrid(height: seed[0], width: seed[1], condition: site.condition),
      Convolution("\(site.name)/seed", inputs: channels, outputs: seed[2], size: 3),
    ]
  }

  /// Refuses numbers of blocks that nothing has.
  func validate(blocks: Int, of part: String) throws {
    guard (0...64).contains(blocks) else {
      throw LatentError.usage(
        "The \(part) cannot have \(blocks) residual blocks", remedy: "Set model.\(part).network.blocks from 0 to 64")
    }
  }

  /// Refuses dense layers, which know of no grid.
  func validateGrid(hidden: [Int], of part: String) throws {
    guard hidden.isEmpty else {
      throw LatentError.usage(
        "The \(part) cannot keep its grid through dense layers \(hidden)",
        remedy: "Set model.\(part).network.hidden=[], or .keepsGrid=false")
    }
  }
}
