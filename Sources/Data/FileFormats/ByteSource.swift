import Foundation

/// The bytes of a file from its beginning, decompressed on the way when the file is gzip.
enum ByteSource {
  case plain(Data)
  case gzip(Inflater)

  /// Looks at the first bytes, not at the name.
  init(contentsOf path: String) throws {
    let data = try FileReading.data(at: path)
    self = Gzip.isGzip(data) ? .gzip(try Inflater(data, name: path)) : .plain(data)
  }

  /// The next `count` bytes, or fewer when the data ends before.
  mutating func read(upTo count: Int) throws -> Data {
    switch self {
    case .plain(let rest):
      self = .plain(rest.dropFirst(count))
      return rest.prefix(count)
    case .gzip(let inflater): return try inflater.read(upTo: count)
    }
  }

  /// Whether nothing is left; for gzip this also verifies the checksum.
  mutating func isAtEnd() throws -> Bool { try read(upTo: 1).isEmpty }
}
