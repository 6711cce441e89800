import LatentDiagnostics
import Foundation

/// The IDX format of the MNIST files: a magic number, the sizes as big-endian words, then the elements.
///
/// Source: the description on the MNIST page (LeCun, Cortes, Burges).
package enum IDX {
  /// Reads an IDX file, plain or gzip; integers narrower than 32 bits and signed become int32.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, damaged, or its header and contents disagree.
  package static func read(contentsOf path: String) throws -> NumericArray {
    var source = try ByteSource(contentsOf: path)
    let magic = [UInt8](try source.read(upTo: 4))
    guard !magic.isEmpty else {
      throw LatentError.failure("\(path) is empty", remedy: "Download or copy the file again")
    }
    guard magic.count == 4, magic[0] == 0, magic[1] == 0 else {
      throw LatentError.failure(
        "\(path) is not an IDX file: it does not begin with two zero bytes",
        remedy: "Give .npy, .npz, .safetensors, .csv, .tsv, IDX (plain or gzip), or a folder of .png or .jpg pictures")
    }
    guard let element = element(code: magic[2]) else {
      throw LatentError.failure(
        "\(path) is an IDX file with the unknown type code \(magic[2])",
        remedy: "Known codes are 8, 9, 11, 12, 13, and 14; save the array again")
    }
    let shape = try readShape(from: &source, rank: Int(magic[3]), path: path)
    guard let needed = NumericArray.byteCount(shape: shape, width: element.byteCount) else {
      throw LatentError.failure(
        "The header of \(path) declares the impossible shape \(shape)", remedy: "Download or copy the file again")
    }
    let raw = try source.read(upTo: needed)
    guard raw.count == needed else {
      throw LatentError.failure(
        "\(path) is cut short: its header declares \(needed) bytes of shape \(shape) but \(raw.count) follow",
        remedy: "Download or copy the file again")
    }
    guard try source.isAtEnd() else {
      throw LatentError.failure(
        "\(path) holds more than the \(needed) bytes of shape \(shape) that its header declares",
        remedy: "Download or copy the file again")
    }
    return try NumericArray(shape: shape, type: element.type, bytes: element.decoded(raw, bigEndian: true))
  }

  private static func readShape(from source: inout ByteSource, rank: Int, path: String) throws -> [Int] {
    let words = [UInt8](try source.read(upTo: 4 * rank))
    guard words.count == 4 * rank else {
      throw LatentError.failure(
        "\(path) is cut short: it ends within its header", remedy: "Download or copy the file again")
    }
    return (0..<rank).map { axis in
      words[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) }
    }
  }

  private static func element(code: UInt8) -> StoredElement? {
    switch code {
    case 0x08: .uint8
    case 0x09: .int8
    case 0x0B: .int16
    case 0x0C: .int32
    case 0x0D: .float32
    case 0x0E: .float64
    default: nil
    }
  }
}
