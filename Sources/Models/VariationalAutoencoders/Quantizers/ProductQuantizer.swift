import LatentLayers
import LatentTensorGraph

/// A vector cut into equal parts, each with a quantiser of its own (Jegou et al. 2011).
public struct ProductQuantizer: QuantizerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("product", "parts of a vector, each with a quantizer of its own")

  /// How many parts a vector is cut into.
  public var parts = 2
  /// What each part is quantised by.
  @Chosen<QuantizerAxis> public var quantizer: any QuantizerFamily = VectorQuantizer()

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses parts that vectors cannot be cut into.
  public func validate(dimensions: Int) throws {
    guard (1...64).contains(parts), dimensions % parts == 0 else {
      throw refuse("Vectors of \(dimensions) numbers cannot be cut into \(parts) parts", "parts to a divisor up to 64")
    }
    try quantizer.validate(dimensions: dimensions / parts)
  }

  /// The books of all parts.
  public func codebooks(dimensions: Int) -> [Int] {
    (0..<parts).flatMap { _ in quantizer.codebooks(dimensions: dimensions / parts) }
  }

  /// Makes the quantisers of the parts.
  public func make(_ name: String, dimensions: Int) -> any Quantizer {
    Module(
      parts: (0..<parts).map { quantizer.make("\(name)/part\($0)", dimensions: dimensions / parts) },
      indices: quantizer.codebooks(dimensions: dimensions / parts).count)
  }

  private struct Module: Quantizer {
    let parts: [any Quantizer]
    let indices: Int
    var variables: [Variable] { parts.flatMap(\.variables) }

    func callAsFunction(_ vectors: Tensor, share: Tensor?, mode: Mode) -> QuantizedVectors {
      let results = zip(parts, vectors.split(parts.count, dimension: -1)).map { $0($1, share: share, mode: mode) }
      return QuantizedVectors(
        vectors: Tensor.concatenate(results.map(\.vectors), dimension: -1),
        codes: Tensor.concatenate(results.map(\.codes), dimension: -1),
        loss: results.dropFirst().reduce(results[0].loss) { $0 + $1.loss })
    }

    func vectors(_ codes: Tensor) -> Tensor {
      let vectors = parts.enumerated().map { index, part in
        part.vectors(codes.slice(-1, (index * indices)..<((index + 1) * indices)))
      }
      return Tensor.concatenate(vectors, dimension: -1)
    }
  }
}

extension QuantizerFamily where Self == ProductQuantizer {
  /// Parts of a vector, each with a quantiser of its own.
  public static func product(_ parts: Int, of quantizer: any QuantizerFamily) -> Self {
    var result = ProductQuantizer()
    (result.parts, result.quantizer) = (parts, quantizer)
    return result
  }
}
