import CLatentPNG
import LatentDiagnostics
import Foundation

/// The PNG format, over libpng.
public enum PNG {
  /// The most pixels that are read or written: 8192 by 8192.
  package static let maximumPixels = 1 << 26

  /// Writes a picture.
  ///
  /// - Throws: A `LatentError` naming the file when it exists and `overwrite` is false, or cannot be written, or the
  ///   picture is empty or has more than `maximumPixels`.
  public static func write(_ image: Image, to path: String, overwrite: Bool) throws {
    try AtomicFile.write(encode(image), to: path, overwrite: overwrite)
  }

  /// The bytes of the file that holds a picture.
  ///
  /// - Throws: A `LatentError` when the picture is empty or has more than `maximumPixels`.
  public static func encode(_ image: Image) throws -> Data {
    let sizes = 1...maximumPixels
    guard sizes.contains(image.width), sizes.contains(image.height), image.width * image.height <= maximumPixels,
      [1, 3].contains(image.channels), image.pixels.count == image.width * image.height * image.channels
    else {
      throw LatentError.usage(
        "A picture of \(image.width) by \(image.height) pixels cannot be written as PNG",
        remedy: "Draw between 1 and \(maximumPixels) pixels")
    }
    var result = latent_png_result()
    defer { latent_png_release(&result) }
    let isEncoded = image.pixels.withUnsafeBufferPointer {
      latent_png_encode(
        $0.baseAddress, UInt32(image.width), UInt32(image.height), Int32(image.channels), &result)
    }
    guard isEncoded == 1, let bytes = result.bytes else {
      throw LatentError.failure("The picture cannot be written as PNG: \(message(of: result))", remedy: "Try again")
    }
    return Data(bytes: bytes, count: result.count)
  }

  /// Reads a picture as 8-bit grey or colour: palettes are expanded, 16-bit samples scaled, transparency dropped.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, damaged, or has more than `maximumPixels`.
  public static func read(contentsOf path: String) throws -> Image {
    try decode(FileReading.data(at: path), source: path)
  }

  /// The same of a file's bytes; errors call it `source`.
  static func decode(_ data: Data, source: String) throws -> Image {
    let (decoded, channels) = try decode(data, source: source, keepsAlpha: false)
    return Image(width: decoded.width, height: decoded.height, channels: channels, pixels: decoded.pixels)
  }

  /// Reads a picture from a file's bytes as red, green, blue, and opacity.
  ///
  /// - Parameter source: what errors call it.
  package static func decodeWithAlpha(_ data: Data, source: String) throws -> TransparentImage {
    try decode(data, source: source, keepsAlpha: true).image
  }

  private static func decode(
    _ data: Data, source: String, keepsAlpha: Bool
  ) throws -> (image: TransparentImage, channels: Int) {
    var result = latent_png_result()
    defer { latent_png_release(&result) }
    let isDecoded = data.withUnsafeBytes {
      latent_png_decode(
        $0.bindMemory(to: UInt8.self).baseAddress, $0.count, UInt64(maximumPixels), keepsAlpha ? 1 : 0, &result)
    }
    guard isDecoded == 1, let bytes = result.bytes else {
      throw LatentError.failure(
        "\(source) cannot be read as PNG: \(message(of: result))", remedy: "Save the picture again as PNG")
    }
    let pixels = Array(UnsafeBufferPointer(start: bytes, count: result.count))
    return (
      TransparentImage(width: Int(result.width), height: Int(result.height), pixels: pixels), Int(result.channels)
    )
  }

  private static func message(of result: latent_png_result) -> String {
    withUnsafeBytes(of: result.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// A picture whose pixels have an opacity.
package struct TransparentImage: Sendable {
  /// Its size in pixels.
  package var width: Int, height: Int
  /// Red, green, blue, and opacity of each pixel, row by row.
  package var pixels: [UInt8]

  /// Creates a picture.
  package init(width: Int, height: Int, pixels: [UInt8]) {
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }
}
