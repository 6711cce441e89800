import Foundation
import LatentDiagnostics

/// The size of a picture, without its pixels.
package struct PictureHeader: Hashable, Sendable {
  /// Columns, rows, and 1 for grey or 3 for colour.
  package let width: Int, height: Int, channels: Int

  /// Refuses sizes that no picture is read at; errors call it `source`.
  init(width: Int, height: Int, channels: Int, source: String) throws {
    let sizes = 1...PNG.maximumPixels
    guard sizes.contains(width), sizes.contains(height), width * height <= PNG.maximumPixels else {
      throw LatentError.failure(
        "\(source) is a picture of \(width) by \(height) pixels, which is too large",
        remedy: "Save it with at most \(PNG.maximumPixels) pixels, or remove it")
    }
    (self.width, self.height, self.channels) = (width, height, channels)
  }
}

/// A picture in a file of any format that is read, told by its first bytes.
package enum PictureFile {
  /// What the names of such files end in.
  package static let extensions: Set<String> = ["png", "jpg", "jpeg"]

  private static let pngMagic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let jpegMagic: [UInt8] = [0xFF, 0xD8]

  /// Reads a picture.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, damaged, too large, or of another format.
  package static func read(contentsOf path: String) throws -> Image {
    let data = try FileReading.data(at: path)
    if data.starts(with: pngMagic) { return try PNG.decode(data, source: path) }
    if data.starts(with: jpegMagic) { return try JPEG.decode(data, source: path) }
    throw other(path)
  }

  /// Reads no more than it takes to know a picture's size.
  ///
  /// - Throws: The same as `read`, as far as the header shows it.
  package static func header(contentsOf path: String) throws -> PictureHeader {
    // Of a JPEG with a long preview the whole file; of others a page is enough.
    let start = try FileReading.prefix(of: path, 1 << 12)
    if start.starts(with: pngMagic) { return try pngHeader([UInt8](start), path) }
    guard start.starts(with: jpegMagic) else { throw other(path) }
    return try (try? JPEG.header(start, source: path)) ?? JPEG.header(FileReading.data(at: path), source: path)
  }

  /// The first chunk of a PNG: width, height, depth, and kind of colour (PNG specification, 11.2.2).
  private static func pngHeader(_ bytes: [UInt8], _ path: String) throws -> PictureHeader {
    guard bytes.count >= 26, bytes[12..<16].elementsEqual("IHDR".utf8) else {
      throw LatentError.failure(
        "\(path) cannot be read as PNG: it ends within its header", remedy: "Save the picture again, or remove it")
    }
    func word(_ start: Int) -> Int { bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) } }
    // Grey and grey with opacity; colours, palettes, and colours with opacity.
    return try PictureHeader(
      width: word(16), height: word(20), channels: [0, 4].contains(bytes[25]) ? 1 : 3, source: path)
  }

  private static func other(_ path: String) -> LatentError {
    .failure(
      "\(path) is neither a PNG nor a JPEG picture", remedy: "Save it as one of the two, or take it out of the folder")
  }
}
