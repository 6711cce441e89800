import LatentDiagnostics
import Foundation

/// A safetensors file whose tensors are read one by one, straight to where they are wanted.
///
/// A checkpoint holds three times the weights; whoever draws a sample needs a third of it.
package final class SafetensorsFile {
  /// What the header says of one tensor: its type and shape, and where its bytes lie.
  package struct Description: Sendable {
    /// The type of its elements.
    package let type: DataType
    /// The sizes of its dimensions, outermost first; none for a single number.
    package let shape: [Int]
    /// Where its bytes begin in the file.
    package let offset: Int
    fileprivate let byteCount: Int
    fileprivate let name: String
    fileprivate let checksum: UInt32?
  }

  /// The free texts of the header.
  package let metadata: [String: String]
  /// The tensors that the header describes, by name; their elements are read when asked for.
  package let tensors: [String: Description]

  /// Whether damage would be found, because the file has checksums.
  package var hasChecksums: Bool { tensors.values.allSatisfy { $0.checksum != nil } }

  private let file: RandomAccessFile

  /// Opens a file, and reads and checks its header.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, malformed, or has elements of an unknown type.
  package init(path: String) throws {
    file = try RandomAccessFile(path: path)
    let start = try file.bytes(0..<min(8, file.size))
    let length = try Safetensors.headerLength(start, fileSize: file.size, path: path)
    let json = try file.bytes(8..<(8 + length))
    let contents = try Safetensors.contents(json, bodySize: file.size - 8 - length, path: path)
    metadata = contents.metadata
    tensors = Dictionary(
      uniqueKeysWithValues: contents.entries.map {
        let offset = 8 + length + $0.span.lowerBound
        let description = Description(
          type: $0.type, shape: $0.shape, offset: offset, byteCount: $0.span.count, name: $0.name,
          checksum: $0.checksum)
        return ($0.name, description)
      })
  }

  /// Reads a tensor's bytes into memory of just their size.
  ///
  /// - Throws: A `LatentError` when the file has become shorter, cannot be read, or holds other bytes than its checksum
  ///   says.
  package func read(_ tensor: Description, into memory: UnsafeMutableRawBufferPointer) throws {
    require(memory.count == tensor.byteCount, "\(memory.count) bytes for a tensor of \(tensor.byteCount)")
    try file.read(into: memory, from: tensor.offset)
    try Safetensors.check(UnsafeRawBufferPointer(memory), of: tensor.name, against: tensor.checksum, path: file.path)
  }

  /// Reads every tensor, and forgets it: a file without damage goes through.
  ///
  /// - Parameter finite: of which tensors, by their names, all values must be finite numbers.
  /// - Throws: A `LatentError` that names the first tensor that is not what was written, or not finite numbers.
  package func verify(finite: (String) -> Bool = { _ in false }) throws {
    for tensor in tensors.values.sorted(by: { $0.offset < $1.offset }) {
      var bytes = Data(count: tensor.byteCount)
      try bytes.withUnsafeMutableBytes { try read(tensor, into: $0) }
      guard finite(tensor.name) else { continue }
      let array = try NumericArray(shape: tensor.shape, type: tensor.type, bytes: bytes)
      guard array.floats().allSatisfy(\.isFinite) else {
        throw LatentError.failure(
          "\(file.path) holds \"\(tensor.name)\" with values that are not finite numbers",
          remedy: "Use an earlier copy, or train again")
      }
    }
  }
}
