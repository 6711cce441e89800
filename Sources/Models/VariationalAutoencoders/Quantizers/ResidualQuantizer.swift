import LatentLayers
import LatentTensorGraph

/// Codebooks one after another, each for what the ones before have left over (Zeghidour et al. 2021, section III.C).
///
/// The sum of the codes is the vector; fewer codebooks make a coarser one of it, and with dropout training sees those too.
public struct ResidualQuantizer: QuantizerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("residual", "codebooks one after another, each for what is left over")

  /// How many codebooks there are.
  public var stages = 4
  /// Whether each example of a training batch has only the first of them, by a number drawn for it.
  public var dropout = false
  /// What each stage quantises by.
  public var quantizer = VectorQuantizer()

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses numbers of stages that cannot be, and stages that give what is no part of a sum.
  public func validate(dimensions: Int) throws {
    guard (1...64).contains(stages) else {
      throw refuse("A residual quantizer cannot have \(stages) stages", "stages from 1 to 64")
    }
    guard !quantizer.isNormalized else {
      throw refuse(
        "What codes leave over has no length of 1, to which normalised stages would bring it",
        "quantizer.isNormalized=false")
    }
    try quantizer.validate(dimensions: dimensions)
  }

  /// A book for each stage.
  public func codebooks(dimensions: Int) -> [Int] { (0..<stages).map { _ in quantizer.codes } }

  /// Makes the stages.
  public func make(_ name: String, dimensions: Int) -> any Quantizer {
    Module(
      stages: (0..<stages).map { quantizer.make("\(name)/stage\($0)", dimensions: dimensions) },
      gradient: quantizer.gradient, dropout: dropout)
  }

  private struct Module: StagedQuantizer {
    let stages: [any Quantizer]
    let gradient: CodeGradient
    let dropout: Bool
    var variables: [Variable] { stages.flatMap(\.variables) }

    func callAsFunction(_ vectors: Tensor, share: Tensor?, mode: Mode) -> QuantizedVectors {
      let graph = vectors.graph
      let batch = vectors.shape[0]
      // How many stages each example has, less one.
      let last =
        dropout && mode == .training
        ? (graph.random(.uniform, shape: [batch]) * Double(stages.count)).floor() : nil
      var rest = vectors
      var sum = graph.constant([0], shape: vectors.shape, type: vectors.type)
      var (codes, loss): ([Tensor], Tensor) = ([], graph.constant([0], shape: [batch]))
      for (index, stage) in stages.enumerated() {
        let isHad = last.map { $0.compare(.greaterOrEqual, Double(index)).converted(to: vectors.type) }
        let part = [share, isHad].compactMap { $0 }.reduce(Tensor?.none) { known, next in
          known.map { $0 * next } ?? next
        }
        let result = stage(rest, share: part, mode: mode)
        var vector = result.vectors.stopGradient()
        if let isHad { vector = vector * isHad.reshape([batch, 1, 1]) }
        sum = sum + vector
        rest = rest - vector
        loss = loss + result.loss
        codes.append(result.codes)
      }
      return QuantizedVectors(
        vectors: gradient(vectors, sum, mode), codes: Tensor.concatenate(codes, dimension: -1), loss: loss)
    }

    /// The sum of as many stages as there are indices.
    func vectors(_ codes: Tensor) -> Tensor {
      let parts = stages.prefix(codes.shape[-1]).enumerated().map { $1.vectors(codes.slice(-1, $0..<($0 + 1))) }
      return parts.dropFirst().reduce(parts[0], +)
    }
  }
}

extension QuantizerFamily where Self == ResidualQuantizer {
  /// So many codebooks, each for what those before leave over.
  public static func residual(_ stages: Int, of quantizer: VectorQuantizer, dropout: Bool = false) -> Self {
    var result = ResidualQuantizer()
    (result.stages, result.quantizer, result.dropout) = (stages, quantizer, dropout)
    return result
  }
}
