import LatentDiagnostics
import Foundation

extension Safetensors {
  /// The longest header read, in bytes; the format's own limit.
  private static let maximumHeader = 100_000_000

  /// Reads a file and checks all it says: the tensors must fill the bytes after the header without gap or overlap, and be
  /// what the checksums say, where there are any.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, malformed, or has elements of an unknown type.
  public static func read(contentsOf path: String) throws -> Safetensors {
    try parse(FileReading.data(at: path), path: path)
  }

  static func parse(_ data: Data, path: String) throws -> Safetensors {
    let length = try headerLength(data.prefix(8), fileSize: data.count, path: path)
    let contents = try contents(data.dropFirst(8).prefix(length), bodySize: data.count - 8 - length, path: path)
    let body = data.dropFirst(8 + length)
    var result = Safetensors(metadata: contents.metadata)
    for entry in contents.entries {
      let bytes = Data(body.dropFirst(entry.span.lowerBound).prefix(entry.span.count))
      try bytes.withUnsafeBytes { try check($0, of: entry.name, against: entry.checksum, path: path) }
      result.tensors.append((entry.name, try NumericArray(shape: entry.shape, type: entry.type, bytes: bytes)))
    }
    return result
  }

  /// What a header says of one tensor.
  struct Entry {
    var name: String
    var type: DataType
    var shape: [Int]
    /// Its bytes, counted from the end of the header.
    var span: Range<Int>
    /// Their checksum, in a file that has them.
    var checksum: UInt32?
  }

  /// Refuses bytes that are not those that were written.
  static func check(
    _ bytes: UnsafeRawBufferPointer, of name: String, against checksum: UInt32?, path: String
  ) throws {
    guard let checksum, SafetensorsChecksums.of(bytes) != checksum else { return }
    throw malformed(path, "\"\(name)\" has been changed since it was written")
  }

  /// The length of the header, from the first eight bytes of a file.
  static func headerLength(_ start: Data, fileSize: Int, path: String) throws -> Int {
    guard start.count == 8 else { throw malformed(path, "it is shorter than 8 bytes") }
    let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumHeader) else { throw malformed(path, "its header claims \(length) bytes") }
    guard length <= UInt64(fileSize - 8) else { throw malformed(path, "it ends within its header") }
    return Int(length)
  }

  /// What a header says, checked against the number of bytes after it.
  static func contents(
    _ json: Data, bodySize: Int, path: String
  ) throws -> (entries: [Entry], metadata: [String: String]) {
    guard json.first == UInt8(ascii: "{") else { throw malformed(path, "its header does not begin with a brace") }
    let json = Data(json)
    let header: SafetensorsHeader
    do {
      header = try JSONDecoder().decode(SafetensorsHeader.self, from: json)
    } catch {
      throw malformed(path, "its header is not the JSON it should be")
    }
    var names: Set<String> = []
    var entries: [Entry] = []
    for name in SafetensorsHeader.keysInOrder(of: json) {
      guard names.insert(name).inserted else { throw malformed(path, "\"\(name)\" is there twice") }
      guard let entry = header.entries[name] else { continue }
      entries.append(try checked(name, entry, bodySize: bodySize, path: path))
    }
    guard entries.count == header.entries.count else {
      throw malformed(path, "the names in its header cannot be told apart")
    }
    try checkCoverage(entries.map(\.span), of: bodySize, path: path)
    var metadata = header.metadata
    guard let text = metadata.removeValue(forKey: SafetensorsChecksums.key) else { return (entries, metadata) }
    guard let checksums = SafetensorsChecksums(text), checksums.header == SafetensorsChecksums.of(header: json),
      checksums.tensors.count == entries.count
    else { throw malformed(path, "its header has been changed since it was written") }
    for (index, checksum) in checksums.tensors.enumerated() { entries[index].checksum = checksum }
    return (entries, metadata)
  }

  private static func checked(
    _ name: String, _ entry: SafetensorsHeader.Entry, bodySize: Int, path: String
  ) throws -> Entry {
    guard let type = SafetensorsHeader.type(for: entry.dtype) else {
      throw malformed(path, "\"\(name)\" has elements of the type \(entry.dtype), which is not known here")
    }
    guard entry.data_offsets.count == 2, let start = entry.data_offsets.first, let end = entry.data_offsets.last,
      start >= 0, start <= end, end <= bodySize
    else { throw malformed(path, "the offsets of \"\(name)\" lie outside the file") }
    guard NumericArray.byteCount(shape: entry.shape, width: type.byteCount) == end - start else {
      throw malformed(path, "\"\(name)\" has \(end - start) bytes, which is not what its shape \(entry.shape) takes")
    }
    return Entry(name: name, type: type, shape: entry.shape, span: start..<end)
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

  static func malformed(_ path: String, _ reason: String) -> LatentError {
    .failure("\(path) is not a sound safetensors file: \(reason)", remedy: "Copy or save the file again")
  }
}
