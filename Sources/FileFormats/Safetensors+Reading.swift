import Diagnostics
import Foundation

extension Safetensors {
  /// The longest header read, in bytes; the format's own limit.
  private static let maximumHeader = 100_000_000

  /// Reads a file and checks all it says: the tensors must fill the bytes after the header without gap or overlap.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, malformed, or has elements of an unknown type.
  public static func read(contentsOf path: String) throws -> Safetensors {
    try parse(FileReading.data(at: path), path: path)
  }

  static func parse(_ data: Data, path: String) throws -> Safetensors {
    let (json, body) = try split(data, path: path)
    let header: SafetensorsHeader
    do {
      header = try JSONDecoder().decode(SafetensorsHeader.self, from: json)
    } catch {
      throw malformed(path, "its header is not the JSON it should be")
    }
    var result = Safetensors(metadata: header.metadata)
    var names: Set<String> = []
    var spans: [Range<Int>] = []
    for name in SafetensorsHeader.keysInOrder(of: json) {
      guard names.insert(name).inserted else { throw malformed(path, "\"\(name)\" is there twice") }
      guard let entry = header.entries[name] else { continue }
      let (array, span) = try tensor(name, entry, in: body, path: path)
      result.tensors.append((name, array))
      spans.append(span)
    }
    guard result.tensors.count == header.entries.count else {
      throw malformed(path, "the names in its header cannot be told apart")
    }
    try checkCoverage(spans, of: body.count, path: path)
    return result
  }

  private static func split(_ data: Data, path: String) throws -> (json: Data, body: Data) {
    guard data.count >= 8 else { throw malformed(path, "it is shorter than 8 bytes") }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumHeader) else { throw malformed(path, "its header claims \(length) bytes") }
    guard length <= UInt64(data.count - 8) else { throw malformed(path, "it ends within its header") }
    let json = data.dropFirst(8).prefix(Int(length))
    guard json.first == UInt8(ascii: "{") else { throw malformed(path, "its header does not begin with a brace") }
    return (Data(json), data.dropFirst(8 + Int(length)))
  }

  private static func tensor(
    _ name: String, _ entry: SafetensorsHeader.Entry, in body: Data, path: String
  ) throws -> (NumericArray, Range<Int>) {
    guard let type = SafetensorsHeader.type(for: entry.dtype) else {
      throw malformed(path, "\"\(name)\" has elements of the type \(entry.dtype), which is not known here")
    }
    guard entry.data_offsets.count == 2, let start = entry.data_offsets.first, let end = entry.data_offsets.last,
      start >= 0, start <= end, end <= body.count
    else { throw malformed(path, "the offsets of \"\(name)\" lie outside the file") }
    guard NumericArray.byteCount(shape: entry.shape, width: type.byteCount) == end - start else {
      throw malformed(path, "\"\(name)\" has \(end - start) bytes, which is not what its shape \(entry.shape) takes")
    }
    let bytes = Data(body.dropFirst(start).prefix(end - start))
    return (try NumericArray(shape: entry.shape, type: type, bytes: bytes), start..<end)
  }

  private static func checkCoverage(_ spans: [Range<Int>], of count: Int, path: String) throws {
    var end = 0
    for span in spans.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
      guard span.lowerBound == end else {
        throw malformed(path, "its tensors \(span.lowerBound < end ? "overlap" : "leave a gap") at byte \(end)")
      }
      end = span.upperBound
    }
    guard end == count else { throw malformed(path, "\(count - end) bytes at its end belong to no tensor") }
  }

  private static func malformed(_ path: String, _ reason: String) -> LatentError {
    .failure("\(path) is not a sound safetensors file: \(reason)", remedy: "Copy or save the file again")
  }
}
