import Diagnostics
import Foundation

/// A safetensors file whose tensors are read one by one, straight to where they are wanted.
///
/// A checkpoint holds three times the weights; whoever draws a sample needs a third of it.
public final class SafetensorsFile {
  /// What one tensor is.
  public struct Description: Sendable {
    /// The type of its elements.
    public let type: DataType
    /// Its shape.
    public let shape: [Int]
    fileprivate let offset: Int
    fileprivate let byteCount: Int
  }

  /// The free texts of the header.
  public let metadata: [String: String]
  /// The tensors by name.
  public let tensors: [String: Description]

  private let descriptor: Int32
  private let path: String

  /// Opens a file, and reads and checks its header.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, malformed, or has elements of an unknown type.
  public init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem.reading(path, errno) }
    (self.descriptor, self.path) = (descriptor, path)
    do {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw FileProblem.reading(path, errno) }
      guard status.st_mode & S_IFMT != S_IFDIR else { throw FileProblem.reading(path, EISDIR) }
      let size = Int(status.st_size)
      let start = try Self.bytes(descriptor, 0..<min(8, size), path)
      let length = try Safetensors.headerLength(start, fileSize: size, path: path)
      let json = try Self.bytes(descriptor, 8..<(8 + length), path)
      let contents = try Safetensors.contents(json, bodySize: size - 8 - length, path: path)
      metadata = contents.metadata
      tensors = Dictionary(
        uniqueKeysWithValues: contents.entries.map {
          let offset = 8 + length + $0.span.lowerBound
          return ($0.name, Description(type: $0.type, shape: $0.shape, offset: offset, byteCount: $0.span.count))
        })
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Reads a tensor's bytes into memory of just their size.
  ///
  /// - Throws: A `LatentError` when the file has become shorter, or cannot be read.
  public func read(_ tensor: Description, into memory: UnsafeMutableRawBufferPointer) throws {
    precondition(memory.count == tensor.byteCount, "\(memory.count) bytes for a tensor of \(tensor.byteCount)")
    try Self.fill(memory, descriptor, from: tensor.offset, path)
  }

  private static func bytes(_ descriptor: Int32, _ range: Range<Int>, _ path: String) throws -> Data {
    var data = Data(count: range.count)
    try data.withUnsafeMutableBytes { try fill($0, descriptor, from: range.lowerBound, path) }
    return data
  }

  private static func fill(
    _ memory: UnsafeMutableRawBufferPointer, _ descriptor: Int32, from offset: Int, _ path: String
  ) throws {
    var filled = 0
    while filled < memory.count {
      let got = pread(descriptor, memory.baseAddress?.advanced(by: filled), memory.count - filled, offset + filled)
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw FileProblem.reading(path, errno) }
      if got == 0 { throw Safetensors.malformed(path, "it has become shorter while it was read") }
      filled += got
    }
  }
}
