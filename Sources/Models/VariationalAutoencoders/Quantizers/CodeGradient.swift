import LatentLayers
import LatentTensorGraph

/// The gradient that stands in for that of choosing a code, which is zero almost everywhere.
public enum CodeGradient: String, Codable, Hashable, Sendable, CaseIterable {
  /// That of the chosen code goes to the vector as it is (van den Oord et al. 2017, section 3.2).
  case straightThrough
  /// The code is the vector, turned and stretched, and the gradient is turned and stretched back (Fifty et al. 2024).
  case rotation

  /// Codes [..., D] with this gradient to the vectors [..., D] that they were chosen for, and none to the codes; in inference the
  /// codes as they are, to the bit.
  public func callAsFunction(_ vectors: Tensor, _ codes: Tensor, _ mode: Mode) -> Tensor {
    let fixed = codes.stopGradient()
    if mode == .inference { return fixed }
    switch self {
    case .straightThrough: return vectors + (fixed - vectors).stopGradient()
    case .rotation:
      // One reflection along the bisector of both directions and one along the vector make the turn from one to the other.
      let given = vectors.stopGradient()
      let (length, target) = (given.vectorLength(), fixed.vectorLength())
      let (from, to) = (given / length, fixed / target)
      let bisector = (from + to) / (from + to).vectorLength()
      let along = (vectors * bisector).sum([-1], keepingDimensions: true)
      let forward = (vectors * from).sum([-1], keepingDimensions: true)
      return (vectors - bisector * along * 2 + to * forward * 2) * (target / length)
    }
  }
}

extension Tensor {
  /// The length of vectors in the last dimension, which stays with size 1; never 0.
  func vectorLength() -> Tensor { squared().sum([-1], keepingDimensions: true).maximum(1e-12).squareRoot() }
}
