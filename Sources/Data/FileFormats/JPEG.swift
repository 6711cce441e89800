import CLatentJPEG
import Foundation
import LatentDiagnostics

/// The JPEG format, over turbojpeg.
public enum JPEG {
  /// Reads a picture as 8-bit grey, if it is stored so, or colour; an orientation that a camera noted is not applied.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, damaged, cut short, of four colours, or has more than 8192 by
  ///   8192 pixels.
  public static func read(contentsOf path: String) throws -> Image {
    try decode(FileReading.data(at: path), source: path)
  }

  /// Reads a picture from a file's bytes; errors call it `source`.
  static func decode(_ data: Data, source: String) throws -> Image {
    let size = try header(data, source: source)
    let count = size.width * size.height * size.channels
    var result = latent_jpeg_result()
    var isDecoded: Int32 = 0
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      isDecoded = data.withUnsafeBytes {
        latent_jpeg_decode(
          $0.bindMemory(to: UInt8.self).baseAddress, $0.count, Int32(size.channels), buffer.baseAddress, &result)
      }
      filled = isDecoded == 1 ? count : 0
    }
    guard isDecoded == 1 else { throw damaged(source, result) }
    return Image(width: size.width, height: size.height, channels: size.channels, pixels: pixels)
  }

  /// What a file's header says of its picture.
  static func header(_ data: Data, source: String) throws -> PictureHeader {
    var result = latent_jpeg_result()
    let isRead = data.withUnsafeBytes {
      latent_jpeg_header($0.bindMemory(to: UInt8.self).baseAddress, $0.count, &result)
    }
    guard isRead == 1 else { throw damaged(source, result) }
    guard result.width > 0, result.height > 0 else {
      throw LatentError.failure(
        "\(source) cannot be read as JPEG: it ends within its header", remedy: "Save the picture again, or remove it")
    }
    return try PictureHeader(
      width: Int(result.width), height: Int(result.height), channels: Int(result.channels), source: source)
  }

  private static func damaged(_ source: String, _ result: latent_jpeg_result) -> LatentError {
    let message = withUnsafeBytes(of: result.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return .failure("\(source) cannot be read as JPEG: \(message)", remedy: "Save the picture again, or remove it")
  }
}
