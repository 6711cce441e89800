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
    summary(tag, key(2, wire: 5) + littleEndian(value.bitPattern), step: step, wallTime: wallTime)
  }

  /// An event with a picture, as a PNG file.
  static func image(_ tag: String, _ image: Image, png: Data, step: Int, wallTime: Double) -> Data {
    let content =
      number(1, image.height) + number(2, image.width) + number(3, image.channels) + bytes(4, png)
    return summary(tag, bytes(4, content), step: step, wallTime: wallTime)
  }

  /// An event with how numbers are distributed: thirty bins of one width between the least and the greatest.
  static func histogram(_ tag: String, _ values: [Float], step: Int, wallTime: Double) -> Data {
    let numbers = values.map(Double.init)
    let (least, greatest) = (numbers.min() ?? 0, numbers.max() ?? 0)
    let width = max((greatest - least) / 30, .leastNormalMagnitude)
    var counts = [Double](repeating: 0, count: 30)
    for number in numbers { counts[min(29, Int((number - least) / width))] += 1 }
    let limits = (1...30).map { $0 == 30 ? greatest : least + width * Double($0) }
    func packed(_ field: UInt64, _ values: [Double]) -> Data {
      bytes(field, values.reduce(Data()) { $0 + littleEndian($1.bitPattern) })
    }
    let content =
      fixed64(1, least.bitPattern) + fixed64(2, greatest.bitPattern) + fixed64(3, Double(numbers.count).bitPattern)
      + fixed64(4, numbers.reduce(0, +).bitPattern) + fixed64(5, numbers.reduce(0) { $0 + $1 * $1 }.bitPattern)
      + packed(6, limits) + packed(7, counts)
    return summary(tag, bytes(5, content), step: step, wallTime: wallTime)
  }

  /// An event with one value under a tag.
  private static func summary(_ tag: String, _ value: Data, step: Int, wallTime: Double) -> Data {
    fixed64(1, wallTime.bitPattern) + number(2, step) + bytes(5, bytes(1, bytes(1, Data(tag.utf8)) + value))
  }

  /// A record: the length, its checksum, the event, its checksum.
  static func record(_ event: Data) -> Data {
    let length = littleEndian(UInt64(event.count))
    return length + littleEndian(CRC32C.masked(length)) + event + littleEndian(CRC32C.masked(event))
  }

  private static func key(_ field: UInt64, wire: UInt64) -> Data { varint(field << 3 | wire) }

  private static func number(_ field: UInt64, _ value: Int) -> Data {
    key(field, wire: 0) + varint(UInt64(bitPattern: Int64(value)))
  }

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
