import LatentDiagnostics

/// A picture of 8-bit samples, grey or in colour.
public struct Image: Sendable, Equatable {
  /// The number of columns.
  public var width: Int
  /// The number of rows.
  public var height: Int
  /// 1 for grey, 3 for red, green, blue.
  public var channels: Int
  /// The samples: rows from the top, pixels from the left, channels innermost; height * width * channels of them.
  public var pixels: [UInt8]

  /// Creates a picture; there must be exactly height * width * channels samples.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    require(channels == 1 || channels == 3, "A picture has 1 or 3 channels, not \(channels)")
    require(
      NumericArray.elementCount(shape: [height, width, channels]) == pixels.count,
      "\(pixels.count) samples are not a picture of \(width) by \(height) pixels with \(channels) channels")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }
}
