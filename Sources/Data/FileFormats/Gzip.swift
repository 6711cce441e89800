import CLatentZlib
import LatentDiagnostics
import Foundation

/// The gzip format (RFC 1952), over zlib.
package enum Gzip {
  /// Whether data begins as gzip files do, whatever the file is called.
  package static func isGzip(_ data: Data) -> Bool { data.starts(with: [0x1F, 0x8B]) }

  /// Decompresses gzip data of at most `limit` bytes when decompressed; errors call the data `name`.
  ///
  /// - Throws: A `LatentError` when the data is not gzip, is cut short or damaged, or holds more than the limit.
  package static func decompress(_ data: Data, limit: Int, name: String = "The gzip data") throws -> Data {
    guard isGzip(data) else {
      throw LatentError.failure("\(name) is not gzip data", remedy: "Compress it with gzip, or give another file")
    }
    let inflater = try Inflater(data, name: name)
    let output = try inflater.read(upTo: max(limit, 0))
    // Also reaches the trailer, and so the checksum.
    guard try inflater.read(upTo: 1).isEmpty else {
      throw LatentError.failure(
        "\(name) holds more than the \(limit) bytes it should", remedy: "Check that it is the right file")
    }
    return output
  }

  /// Compresses data to one gzip member without a time stamp: the same data gives the same bytes.
  ///
  /// - Throws: A `LatentError` when there is not enough memory.
  package static func compress(_ data: Data) throws -> Data {
    var output = Data(count: latent_deflate_bound(data.count))
    let count = data.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        latent_deflate(
          source.bindMemory(to: UInt8.self).baseAddress, source.count,
          target.bindMemory(to: UInt8.self).baseAddress, target.count)
      }
    }
    guard count > 0 else {
      throw LatentError.failure("There is no memory left to compress data", remedy: "Close other programs")
    }
    output.count = count
    return output
  }
}
