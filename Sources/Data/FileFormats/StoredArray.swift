import Foundation
import LatentDiagnostics

/// An array in a file, or in several one after another, of which rows are read where they lie.
package struct StoredArray: Sendable {
  /// The rows of one file.
  private struct Part: Sendable {
    let file: RandomAccessFile
    let offset: Int
    let rows: Range<Int>
  }

  /// The sizes of all axes, rows first.
  package let shape: [Int]
  /// The type that elements are read as.
  package var type: DataType { element.type }
  private let element: StoredElement
  private let isBigEndian: Bool
  private let parts: [Part]

  /// How many elements a row has.
  package var width: Int { shape.dropFirst().reduce(1, *) }
  /// How many bytes the elements take.
  package var byteCount: Int { shape.reduce(element.byteCount, *) }

  /// An array of a safetensors file.
  package init(_ file: RandomAccessFile, _ tensor: SafetensorsFile.Description) throws {
    let element: StoredElement? =
      switch tensor.type {
      case .uint8: .uint8
      case .bool: .bool
      case .int32: .int32
      case .int64: .int64
      case .float32: .float32
      case .float64: .float64
      case .bfloat16: nil
      }
    guard let element, let rows = tensor.shape.first else {
      throw LatentError.failure(
        "\(file.path) holds \(tensor.type.rawValue) of shape \(tensor.shape), which is not read in parts",
        remedy: "Save it as float32 of shape [N, ...]")
    }
    self.init(
      shape: tensor.shape, element: element, isBigEndian: false,
      parts: [Part(file: file, offset: tensor.offset, rows: 0..<rows)])
  }

  /// NPY files, one after another.
  ///
  /// - Returns: `nil` for arrays whose rows do not lie one after another, and for those that do not differ in their number of
  ///   rows alone.
  /// - Throws: A `LatentError` naming a file that is missing or malformed.
  package init?(npy paths: [String]) throws {
    var parts: [Part] = []
    var first: NPYHeader?
    for path in paths {
      let file = try RandomAccessFile(path: path)
      let (header, start) = try NPY.header(of: file)
      guard let (element, _) = header.element, !header.isFortranOrder, let rows = header.shape.first,
        first.map({ $0.descriptor == header.descriptor && $0.shape.dropFirst() == header.shape.dropFirst() }) ?? true
      else { return nil }
      guard let needed = NumericArray.byteCount(shape: header.shape, width: element.byteCount),
        file.size - start == needed
      else {
        throw LatentError.failure(
          "\(path) is not a sound .npy file: its shape \(header.shape) does not take the \(file.size - start) bytes that follow "
            + "the header", remedy: "Save it again with numpy.save")
      }
      first = first ?? header
      let begin = parts.last?.rows.upperBound ?? 0
      parts.append(Part(file: file, offset: start, rows: begin..<(begin + rows)))
    }
    guard let first, let (element, isBigEndian) = first.element else { return nil }
    self.init(
      shape: [parts[parts.count - 1].rows.upperBound] + first.shape.dropFirst(), element: element,
      isBigEndian: isBigEndian, parts: parts)
  }

  private init(shape: [Int], element: StoredElement, isBigEndian: Bool, parts: [Part]) {
    (self.shape, self.element, self.isBigEndian, self.parts) = (shape, element, isBigEndian, parts)
  }

  /// What tells the array from others: its shape and type, its files' sizes, and some of their bytes.
  ///
  /// - Throws: A `LatentError` naming a file that cannot be read.
  package func identity() throws -> String {
    try "\(shape) \(element) \(isBigEndian)" + parts.map { try Self.sample($0.file) }.joined()
  }

  /// Bytes at 256 places of a file: reading all of it would take longer than many trainings.
  private static func sample(_ file: RandomAccessFile) throws -> String {
    let size = min(4096, file.size)
    let places = file.size <= size ? 1 : 256
    let sums = try (0..<places).map { index in
      let start = places == 1 ? 0 : (file.size - size) / (places - 1) * index
      return try CRC32C.checksum(file.bytes(start..<(start + size)))
    }
    return " \(file.size) \(sums)"
  }

  /// Some rows as float32, one after another.
  ///
  /// - Throws: A `LatentError` naming a file that has become shorter, or cannot be read.
  package func read(_ rows: [Int], into destination: UnsafeMutableBufferPointer<Float>) throws {
    let (width, rowBytes) = (self.width, self.width * element.byteCount)
    var place = 0
    while place < rows.count {
      // Rows that lie one after another are read at once.
      guard let part = part(of: rows[place]) else { return }
      var end = place + 1
      while end < rows.count, rows[end] == rows[end - 1] + 1, rows[end] < part.rows.upperBound { end += 1 }
      let raw = try part.file.bytes(range(rows[place], end - place, part, rowBytes))
      let array = try NumericArray(
        shape: [(end - place) * width], type: element.type, bytes: element.decoded(raw, bigEndian: isBigEndian))
      let target = UnsafeMutableBufferPointer(rebasing: destination[(place * width)..<(end * width)])
      _ = target.update(fromContentsOf: array.floats())
      place = end
    }
  }

  /// Says which rows will be read soon.
  package func prepare(_ rows: [Int]) {
    let rowBytes = width * element.byteCount
    for row in rows {
      if let part = part(of: row) { part.file.willRead(range(row, 1, part, rowBytes)) }
    }
  }

  private func part(of row: Int) -> Part? { parts.first { $0.rows.contains(row) } }

  private func range(_ row: Int, _ count: Int, _ part: Part, _ rowBytes: Int) -> Range<Int> {
    let start = part.offset + (row - part.rows.lowerBound) * rowBytes
    return start..<(start + count * rowBytes)
  }
}
