import LatentDatasets
import LatentDiagnostics
import Foundation

/// A JSON object on several lines whose first member is the SHA-256 digest of all the others, as they stand in the file.
///
/// Whoever changes such a file on purpose takes the line with the digest out.
enum SealedText {
  /// The member's name.
  static let key = "digest"

  private static let opening = "{\n"
  private static let start = "  \"\(key)\" : \""
  private static let end = "\",\n"

  /// Adds the digest to an object that begins with its brace on a line of its own.
  static func seal(_ json: Data) -> Data {
    let line = start + SHA256.hexDigest(of: json) + end
    return Data(opening.utf8) + Data(line.utf8) + json.dropFirst(opening.utf8.count)
  }

  /// Refuses an object that is not what its digest says; one without a digest passes.
  ///
  /// - Throws: `LatentError` that names the file.
  static func check(_ sealed: Data, path: String) throws {
    let sealed = Data(sealed)
    guard sealed.range(of: Data("\"\(key)\"".utf8)) != nil else { return }
    let first = Data((opening + start).utf8)
    let length = first.count + 64 + end.utf8.count
    if sealed.starts(with: first), sealed.count > length {
      let digest = String(decoding: sealed[first.count..<(first.count + 64)], as: UTF8.self)
      let json = Data(opening.utf8) + sealed[length...]
      let isWhole = sealed[(first.count + 64)..<length] == Data(end.utf8)
      if isWhole, SHA256.hexDigest(of: json) == digest { return }
    }
    throw LatentError.failure(
      "\(path) has been changed since it was written",
      remedy: "Use an earlier copy; or, if you changed it on purpose, take out its line \"\(key)\"")
  }
}
