import LatentTensorGraph

/// In what the matrix products and convolutions of a run are computed.
public enum Precision: String, Codable, Hashable, Sendable, CaseIterable {
  /// Operands and sums in float32: what all published figures are of.
  case f32
  /// Operands rounded to bfloat16, sums in float32; weights, losses, and statistics stay float32.
  case bf16

  /// The element type of the operands of products.
  package var matrixType: ElementType { self == .bf16 ? .bfloat16 : .float32 }
}
