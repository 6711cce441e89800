/// A message of the Protocol Buffers wire format, as far as ONNX files need it: whole numbers, and bytes with their length before
/// them.
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  /// A field that holds a whole number.
  mutating func append(_ field: Int, _ value: Int) {
    appendNumber(UInt64(field) << 3)
    appendNumber(UInt64(bitPattern: Int64(value)))
  }

  /// A field that holds text.
  mutating func append(_ field: Int, _ text: String) { append(field, Array(text.utf8)) }

  /// A field that holds bytes.
  mutating func append(_ field: Int, _ content: [UInt8]) {
    appendNumber(UInt64(field) << 3 | 2)
    appendNumber(UInt64(content.count))
    bytes += content
  }

  /// A field that holds another message.
  mutating func append(_ field: Int, _ build: (inout ProtocolBuffer) -> Void) {
    var message = ProtocolBuffer()
    build(&message)
    append(field, message.bytes)
  }

  /// Seven bits in a byte, the lowest first; the eighth says that more follow.
  private mutating func appendNumber(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
