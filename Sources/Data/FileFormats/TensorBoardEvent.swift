import Foundation

/// The few protocol-buffer messages of an event file, and the framing of its records.
///
/// Source: TensorFlow's event.proto, summary.proto and record_writer.
enum TensorBoardEvent {
  /// The event that every file begins with.
  static func fileVersion(wallTime: Double) -> Data {
    fixed64(1, wallTime.bitPattern) + bytes(3, Data("brain.Event:2".utf8))
  }

  /// An event with one scalar.
  static func scalar(_ tag: String, _ value: Float, step: Int, wallTime: Double) -> Data {
    let number = key(2, wire: 5) + littleEndian(value.bitPattern)
    let summary = bytes(1, bytes(1, Data(tag.utf8)) + number)
    return fixed64(1, wallTime.bitPattern) + key(2, wire: 0) + varint(UInt64(bitPattern: Int64(step)))
      + bytes(5, summary)
  }

  /// A record: the length, its checksum, the event, its checksum.
  static func record(_ event: Data) -> Data {
    let length = littleEndian(UInt64(event.count))
    return length + littleEndian(CRC32C.masked(length)) + event + littleEndian(CRC32C.masked(event))
  }

  private static func key(_ field: UInt64, wire: UInt64) -> Data { varint(field << 3 | wire) }

  private static func fixed64(_ field: UInt64, _ bits: UInt64) -> Data { key(field, wire: 1) + littleEndian(bits) }

  private static func bytes(_ field: UInt64, _ contents: Data) -> Data {
    key(field, wire: 2) + varint(UInt64(contents.count)) + contents
  }

  private static func varint(_ number: UInt64) -> Data {
    var rest = number
    var data = Data()
    while rest >= 0x80 {
      data.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    data.append(UInt8(rest))
    return data
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: number.littleEndian) { Data($0) }
  }
}
