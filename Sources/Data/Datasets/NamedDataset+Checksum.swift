import LatentFileFormats
import Foundation

extension NamedDataset.File {
  /// Whether a file holds what this one should, packed by whatever compressor or not at all.
  package func isContent(ofFileAt path: String) -> Bool {
    guard let data = try? FileReading.data(at: path) else { return false }
    let content: Data
    if Gzip.isGzip(data) {
      guard let decompressed = try? Gzip.decompress(data, limit: contentByteCount, name: path) else { return false }
      content = decompressed
    } else {
      content = data
    }
    return content.count == contentByteCount && SHA256.hexDigest(of: content) == contentSHA256
  }
}
