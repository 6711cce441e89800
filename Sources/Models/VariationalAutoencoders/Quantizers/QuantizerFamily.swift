import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// A way to put one of finitely many codes in the place of a vector.
///
/// A quantiser of your own is a struct that conforms, and a `Quantizer` that it makes; a posterior of kind `quantized`, product
/// and residual quantisers then take it by its kind.
public protocol QuantizerFamily: Family {
  /// Refuses settings that quantise no vectors of so many numbers.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(dimensions: Int) throws

  /// How many codes each of the indices that name a vector has: one for most, several for product and residual quantisers.
  func codebooks(dimensions: Int) -> [Int]

  /// The quantiser with its variables, for vectors of so many numbers.
  func make(_ name: String, dimensions: Int) -> any Quantizer
}

/// A quantiser with its variables.
public protocol Quantizer: Sendable {
  /// Everything that it has of its own: codebooks, moving averages.
  var variables: [Variable] { get }

  /// Puts codes in the place of vectors [B, n, D].
  ///
  /// In training it also moves what it keeps moving averages of.
  ///
  /// - Parameter share: for each example [B] 1, or 0 if it takes no part in losses and moving averages; `nil` for all.
  func callAsFunction(_ vectors: Tensor, share: Tensor?, mode: Mode) -> QuantizedVectors

  /// The vectors [B, n, D] of codes [B, n, indices].
  func vectors(_ codes: Tensor) -> Tensor
}

/// A quantiser of which the first indices of a vector's codes are a coarser vector.
public protocol StagedQuantizer: Quantizer {}

extension Quantizer {
  /// Puts codes in the place of vectors [B, n, D], of all examples.
  public func callAsFunction(_ vectors: Tensor, mode: Mode) -> QuantizedVectors {
    self(vectors, share: nil, mode: mode)
  }
}

/// What a quantiser makes of vectors.
public struct QuantizedVectors {
  /// The codes' vectors [B, n, D], with the gradient that stands in for that of the choice.
  public let vectors: Tensor
  /// Which codes they are, int32 [B, n, indices].
  public let codes: Tensor
  /// What training adds to the loss of each example for its codes, [B].
  public let loss: Tensor

  /// Names the parts.
  public init(vectors: Tensor, codes: Tensor, loss: Tensor) {
    (self.vectors, self.codes, self.loss) = (vectors, codes, loss)
  }
}

/// The axis of quantisers.
public enum QuantizerAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "quantizer"

  /// The quantiser itself.
  public static func family(_ member: any QuantizerFamily) -> any Family { member }
  /// The family, if it is a quantiser.
  public static func member(_ family: any Family) -> (any QuantizerFamily)? { family as? any QuantizerFamily }
}

extension QuantizerFamily {
  /// Refuses with a sentence about one of the quantiser's settings.
  func refuse(_ what: String, _ remedy: String) -> LatentError {
    .usage(what, remedy: "Set model.encoder.posterior.quantizer." + remedy)
  }
}
