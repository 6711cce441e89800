/// The type of a stored number.
public enum DataType: String, CaseIterable, Sendable {
  /// An unsigned byte.
  case uint8
  /// A signed 32-bit integer.
  case int32
  /// A signed 64-bit integer.
  case int64
  /// IEEE single precision.
  case float32
  /// IEEE double precision.
  case float64
  /// The upper half of a single-precision number.
  case bfloat16
  /// A truth value in one byte: 0 is false, anything else is true.
  case bool

  /// The size of one number in bytes.
  public var byteCount: Int {
    switch self {
    case .uint8, .bool: 1
    case .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }
}
