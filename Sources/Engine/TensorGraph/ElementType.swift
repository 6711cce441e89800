/// The type of a tensor's elements.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// IEEE single precision: what models, gradients, and optimisers are in.
  case float32
  /// The upper half of a float32: 8 bits of exponent, 7 of fraction.
  case bfloat16
  /// Only the reference back end computes in float64.
  case float64
  /// A signed integer that wraps around: indices, counters, and random words.
  case int32
  /// Stored as one byte, 0 or 1.
  case bool

  /// Whether the elements are real numbers, which alone have gradients.
  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .bfloat16, .float64: true
    case .int32, .bool: false
    }
  }

  /// The bytes that one element takes in memory.
  public var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32, .int32: 4
    case .bfloat16: 2
    case .bool: 1
    }
  }
}
