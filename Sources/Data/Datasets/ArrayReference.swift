import Foundation
import LatentDiagnostics
import LatentFileFormats

/// Where an array is: in a file of its own, in several one after another, or by its name in a file of several.
enum ArrayReference: Sendable {
  case file(String)
  case shards([String])
  case member(String, of: String)

  /// What errors call it.
  var description: String {
    switch self {
    case .file(let path): path
    case .shards(let paths): "\(paths.first ?? "") and \(paths.count - 1) more"
    case .member(let name, let path): "\(name) in \(path)"
    }
  }

  /// The whole array.
  func read() throws -> NumericArray {
    switch self {
    case .file(let path): return try path.hasSuffix(".npy") ? NPY.read(contentsOf: path) : IDX.read(contentsOf: path)
    case .member(let name, let path):
      guard let archive = try ArrayArchive(path: path) else { return try IDX.read(contentsOf: path) }
      return try archive.read(name)
    case .shards(let paths):
      let parts = try paths.map(NPY.read)
      guard let first = parts.first,
        parts.allSatisfy({ $0.type == first.type && $0.shape.dropFirst() == first.shape.dropFirst() })
      else {
        throw LatentError.failure(
          "\(description) are arrays of different types or shapes",
          remedy: "Save all parts with one type, and one shape but for the number of rows")
      }
      return try NumericArray(
        shape: [parts.reduce(0) { $0 + ($1.shape.first ?? 0) }] + first.shape.dropFirst(), type: first.type,
        bytes: parts.reduce(Data()) { $0 + $1.bytes })
    }
  }

  /// The array as one whose rows are read where they lie, if it is larger than a number of bytes and lies so.
  func stored(above limit: Int) throws -> StoredArray? {
    let array: StoredArray?
    switch self {
    case .file(let path):
      array = path.hasSuffix(".npy") && FileReading.isRegular(path) ? try StoredArray(npy: [path]) : nil
    case .shards(let paths): array = try StoredArray(npy: paths)
    case .member(let name, let path): array = try ArrayArchive(path: path)?.stored(name)
    }
    return array.flatMap { $0.byteCount > limit && !$0.shape.dropFirst().isEmpty ? $0 : nil }
  }
}
