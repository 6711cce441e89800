import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// The signs of a vector's numbers: a codebook of all corners of a cube (LFQ, Yu et al. 2023), or of corners on a sphere (BSQ, Zhao
/// et al. 2024).
///
/// What keeps all codes in use is a loss: the entropy of each vector's own soft choice is made small, that of the batch's mean
/// choice large. The choices of the numbers are independent given a vector; for the mean they are taken to be (the second
/// paper's equation 11), which lets any number of codes be counted.
public struct LookupFreeQuantizer: QuantizerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("lookupFree", "the signs of a vector's numbers")

  /// Whether vectors are brought to length 1 first.
  public var isSpherical = false
  /// The weight of the vectors' distance from their codes.
  public var commitment = 0.25
  /// The weight of the entropies.
  public var entropyWeight = 0.1
  /// The weight of the mean choice's entropy among them.
  public var diversity = 1.0
  /// How sharp the soft choice is: its log-odds for distances squared.
  public var sharpness = 1.0

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses weights that are none, and more numbers than codes can be counted of.
  public func validate(dimensions: Int) throws {
    guard (1...16).contains(dimensions) else {
      throw LatentError.usage(
        "Signs of \(dimensions) numbers make no codebook of 2 to 65536 codes",
        remedy: "Set model.encoder.posterior.codeDimensions from 1 to 16, or a product of such quantizers")
    }
    guard commitment >= 0, entropyWeight >= 0, diversity >= 0, sharpness > 0 else {
      throw refuse(
        "A quantizer cannot have commitment \(commitment), entropyWeight \(entropyWeight), diversity \(diversity), and "
          + "sharpness \(sharpness)", "commitment, .entropyWeight, and .diversity from 0, and .sharpness above 0")
    }
  }

  /// One book, of all corners.
  public func codebooks(dimensions: Int) -> [Int] { [1 << dimensions] }

  /// Makes the corners, which have no variables.
  public func make(_ name: String, dimensions: Int) -> any Quantizer { Corners(settings: self, dimensions: dimensions) }

  private struct Corners: Quantizer {
    let settings: LookupFreeQuantizer
    let dimensions: Int
    var variables: [Variable] { [] }

    /// The distance of a corner's numbers from 0.
    private var size: Double { settings.isSpherical ? 1 / Double(dimensions).squareRoot() : 1 }

    func callAsFunction(_ vectors: Tensor, share: Tensor?, mode: Mode) -> QuantizedVectors {
      let graph = vectors.graph
      let given = settings.isSpherical ? vectors / vectors.vectorLength() : vectors
      let isPositive = given.stopGradient().compare(.greater, 0)
      let bits = isPositive.converted(to: vectors.type)
      let corners = (bits * 2 - 1) * size
      let places = graph.constant((0..<dimensions).map { Double(1 << $0) }, shape: [dimensions], type: vectors.type)
      let codes = (bits * places).sum([-1], keepingDimensions: true).converted(to: .int32)
      var loss = (given - corners).squared().sum([1, 2]) * settings.commitment
      if settings.entropyWeight > 0 {
        // The squared distances of a number from the two sides differ by 4 x size.
        let logits = given * (4 * size * settings.sharpness)
        let own = logits.bernoulliEntropy().sum([1, 2])
        let mean = logits.logistic().mean([0, 1])
        let common = ((mean + 1e-7).log() - (1 - mean + 1e-7).log()).bernoulliEntropy().sum()
        loss = loss + (own - common * (settings.diversity * Double(vectors.shape[1]))) * settings.entropyWeight
      }
      if let share { loss = loss * share }
      return QuantizedVectors(
        vectors: CodeGradient.straightThrough(given, corners, mode), codes: codes, loss: loss)
    }

    func vectors(_ codes: Tensor) -> Tensor {
      let graph = codes.graph
      let bits = (0..<dimensions).map { bit in
        (codes / graph.constant(Double(1 << bit), .int32)).remainder(graph.constant(2, .int32)).converted(to: .float32)
      }
      return (Tensor.concatenate(bits, dimension: -1) * 2 - 1) * size
    }
  }
}

extension Tensor {
  /// The entropy of truth values with these log-odds, in nats.
  fileprivate func bernoulliEntropy() -> Tensor { softplus() - self * logistic() }
}
