import LatentDiagnostics
import Foundation

/// The safetensors format: a JSON header that names each array and its bytes, then all the bytes.
///
/// Source: the format description of the safetensors project, version 0.4.
public struct Safetensors: Sendable {
  /// The named arrays, in the order the header lists them.
  public var tensors: [(name: String, array: NumericArray)]
  /// Free texts kept beside the arrays; checksums are not among them.
  public var metadata: [String: String]

  /// Creates a file's contents; names must differ from each other.
  public init(tensors: [(name: String, array: NumericArray)] = [], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The array with a name, if there is one.
  public subscript(name: String) -> NumericArray? { tensors.first { $0.name == name }?.array }

  /// The bytes of the file: the same contents give the same bytes.
  ///
  /// The header keeps the order of the tensors; their bytes lie widest element type first, so that each is aligned.
  ///
  /// - Parameter checksums: whether to keep checksums of the header and of each tensor, under `checksums` among the free
  ///   texts, by which a reader finds damage.
  package func serialized(checksums: Bool = false) -> Data {
    var metadata = metadata
    if checksums {
      let sums = tensors.map { $0.array.bytes.withUnsafeBytes(SafetensorsChecksums.of) }
      metadata[SafetensorsChecksums.key] = SafetensorsChecksums(tensors: sums).text
    }
    let layout = tensors.indices.sorted {
      let (left, right) = (tensors[$0].array.type.byteCount, tensors[$1].array.type.byteCount)
      return left == right ? $0 < $1 : left > right
    }
    var starts = Array(repeating: 0, count: tensors.count)
    var end = 0
    for index in layout {
      starts[index] = end
      end += tensors[index].array.bytes.count
    }
    var entries: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    for (index, (name, array)) in tensors.enumerated() {
      let shape = array.shape.map(String.init).joined(separator: ",")
      let offsets = "\(starts[index]),\(starts[index] + array.bytes.count)"
      let type = SafetensorsHeader.code(for: array.type)
      entries.append("\(quoted(name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}")
    }
    var header = Data("{\(entries.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    if checksums { SafetensorsChecksums.seal(&header) }
    var data = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    data.reserveCapacity(8 + header.count + end)
    data.append(header)
    for index in layout { data.append(tensors[index].array.bytes) }
    return data
  }

  /// Writes the file, replacing what is there.
  ///
  /// - Throws: A `LatentError` naming the file when it cannot be written or two tensors have the same name.
  public func write(to path: String, checksums: Bool = false) throws {
    var names: Set<String> = ["__metadata__"]
    for (name, _) in tensors where !names.insert(name).inserted {
      throw LatentError.failure(
        "\(path) cannot be written because two of its tensors are called \"\(name)\"",
        remedy: "Give each tensor a name of its own")
    }
    try AtomicFile.write(serialized(checksums: checksums), to: path)
  }

  /// A text as JSON; Foundation's encoder leaves the escaping of a slash, and so the bytes, to its version.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
