import LatentDiagnostics
import Foundation

/// NumPy's format for one array, versions 1 to 3.
public enum NPY {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads an array of integers, floating-point numbers, or truth values, in any byte order and either axis order.
  ///
  /// The result is row-major; types that have no `DataType` become the narrowest one that holds their values.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, malformed, or holds something other than numbers.
  public static func read(contentsOf path: String) throws -> NumericArray {
    try decode(FileReading.data(at: path), path: path)
  }

  /// The same of a file's bytes; errors call it `path`.
  static func decode(_ data: Data, path: String) throws -> NumericArray {
    let (header, body) = try split(data, path: path)
    guard let (element, bigEndian) = header.element else {
      throw LatentError.failure(
        "\(path) holds elements of the type \(header.descriptor), which cannot be read",
        remedy: "Save the array as numbers, for example with array.astype('float32')")
    }
    guard let needed = NumericArray.byteCount(shape: header.shape, width: element.byteCount) else {
      throw malformed(path, "its shape \(header.shape) is impossible")
    }
    guard body.count == needed else {
      throw malformed(path, "shape \(header.shape) takes \(needed) bytes but \(body.count) follow the header")
    }
    let decoded = element.decoded(body, bigEndian: bigEndian)
    let bytes =
      header.isFortranOrder
      ? rowMajor(decoded, shape: header.shape, width: element.type.byteCount) : decoded
    return try NumericArray(shape: header.shape, type: element.type, bytes: bytes)
  }

  /// Writes an array; bfloat16, which NumPy does not know, is written as float32.
  ///
  /// - Throws: A `LatentError` naming the file when it exists and `overwrite` is false, or cannot be written.
  public static func write(_ array: NumericArray, to path: String, overwrite: Bool) throws {
    try AtomicFile.write(encode(array), to: path, overwrite: overwrite)
  }

  /// The bytes of the file that holds an array.
  public static func encode(_ array: NumericArray) -> Data {
    let descriptor =
      switch array.type {
      case .uint8: "|u1"
      case .bool: "|b1"
      case .int32: "<i4"
      case .int64: "<i8"
      case .float32, .bfloat16: "<f4"
      case .float64: "<f8"
      }
    var text = Array(NPYHeader(descriptor: descriptor, isFortranOrder: false, shape: array.shape).text.utf8)
    // NumPy maps files into memory: the elements start at a multiple of 64.
    let version: UInt8 = text.count + 75 > Int(UInt16.max) ? 2 : 1
    let prefix = magic.count + 2 + (version == 1 ? 2 : 4)
    let padding = 63 - (prefix + text.count) % 64
    text += Array(repeating: 0x20, count: padding) + [0x0A]
    var data = Data(magic + [version, 0])
    for byte in 0..<(version == 1 ? 2 : 4) { data.append(UInt8(truncatingIfNeeded: text.count >> (8 * byte))) }
    data.append(contentsOf: text)
    if array.type == .bfloat16 {
      array.floats().withUnsafeBytes { data.append(contentsOf: $0) }
    } else {
      data.append(array.bytes)
    }
    return data
  }

  /// The header of a file, and where its elements begin.
  static func header(of file: RandomAccessFile) throws -> (NPYHeader, start: Int) {
    let preamble = try file.bytes(0..<min(12, file.size))
    let (length, start) = try headerLength(preamble, fileSize: file.size, path: file.path)
    return (try header(file.bytes(start..<(start + length)), file.path), start + length)
  }

  private static func split(_ data: Data, path: String) throws -> (NPYHeader, Data) {
    let (length, start) = try headerLength(data.prefix(12), fileSize: data.count, path: path)
    return (try header(data.dropFirst(start).prefix(length), path), data.dropFirst(start + length))
  }

  private static func header(_ text: Data, _ path: String) throws -> NPYHeader {
    do {
      return try NPYHeader(parsing: text)
    } catch let error as NPYHeader.Malformed {
      throw malformed(path, error.reason)
    }
  }

  /// How long the header is, and where it begins.
  private static func headerLength(
    _ data: Data, fileSize: Int, path: String
  ) throws -> (length: Int, start: Int) {
    guard !data.isEmpty else { throw malformed(path, "it is empty") }
    guard data.starts(with: magic) else {
      throw malformed(path, "it does not begin as NumPy's files do")
    }
    let preamble = [UInt8](data.dropFirst(magic.count))
    guard let version = preamble.first, (1...3).contains(version) else {
      throw malformed(path, "its version is not 1, 2, or 3")
    }
    let width = version == 1 ? 2 : 4
    let lengthBytes = preamble.dropFirst(2).prefix(width)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = magic.count + 2 + width
    guard lengthBytes.count == width, fileSize - start >= length else {
      throw malformed(path, "it ends within its header")
    }
    return (length, start)
  }

  private static func malformed(_ path: String, _ reason: String) -> LatentError {
    .failure("\(path) is not a sound .npy file: \(reason)", remedy: "Save it again with numpy.save")
  }

  /// Reorders elements from column-major to row-major.
  private static func rowMajor(_ source: Data, shape: [Int], width: Int) -> Data {
    guard shape.count > 1, !source.isEmpty else { return source }
    var strides = Array(repeating: width, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = Array(repeating: 0, count: shape.count)
    var output = Data(count: source.count)
    output.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
      source.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
        var offset = 0
        for position in stride(from: 0, to: target.count, by: width) {
          for byte in 0..<width { target[position + byte] = bytes[offset + byte] }
          // Count up like an odometer, the last axis fastest.
          var axis = shape.count - 1
          while axis >= 0 {
            index[axis] += 1
            offset += strides[axis]
            if index[axis] < shape[axis] { break }
            offset -= strides[axis] * shape[axis]
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
    return output
  }
}
