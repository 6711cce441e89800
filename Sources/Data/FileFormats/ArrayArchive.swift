import Foundation
import LatentDiagnostics

/// Named arrays in one file: `.npz` or safetensors.
package struct ArrayArchive {
  /// What the arrays are called, in order.
  package let names: [String]
  private let contents: Contents
  private let path: String

  private enum Contents {
    case zip(ZipArchive)
    case safetensors(SafetensorsFile, RandomAccessFile)
  }

  /// Opens a file.
  ///
  /// - Returns: `nil` for a file that is neither, and for one that can be read only once, such as a pipe.
  /// - Throws: A `LatentError` naming a file that is missing or damaged.
  package init?(path: String) throws {
    guard FileReading.isRegular(path) else { return nil }
    self.path = path
    let start = [UInt8](try FileReading.prefix(of: path, 9))
    if start.starts(with: [0x50, 0x4B]) {
      let archive = try ZipArchive(path: path)
      names = archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
      contents = .zip(archive)
    } else if path.hasSuffix(".safetensors") || (start.count == 9 && start[8] == UInt8(ascii: "{")) {
      let file = try SafetensorsFile(path: path)
      names = file.tensors.keys.sorted()
      contents = .safetensors(file, try RandomAccessFile(path: path))
    } else {
      return nil
    }
  }

  /// An array by its name.
  ///
  /// - Throws: A `LatentError` when there is none, or it is damaged.
  package func read(_ name: String) throws -> NumericArray {
    switch contents {
    case .zip(let archive):
      guard let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else { throw missing(name) }
      return try NPY.decode(archive.data(of: entry), path: "\(name) in \(path)")
    case .safetensors(let file, _):
      guard let tensor = file.tensors[name] else { throw missing(name) }
      var bytes = Data(count: tensor.shape.reduce(tensor.type.byteCount, *))
      try bytes.withUnsafeMutableBytes { try file.read(tensor, into: $0) }
      return try NumericArray(shape: tensor.shape, type: tensor.type, bytes: bytes)
    }
  }

  /// An array of which rows are read where they lie; `nil` where they are compressed, or there is no such array.
  package func stored(_ name: String) throws -> StoredArray? {
    guard case .safetensors(let file, let bytes) = contents, let tensor = file.tensors[name], tensor.type != .bfloat16,
      !tensor.shape.isEmpty
    else { return nil }
    return try StoredArray(bytes, tensor)
  }

  private func missing(_ name: String) -> LatentError {
    .failure("\(path) holds no array \(name)", remedy: "It holds \(names.joined(separator: ", "))")
  }
}
