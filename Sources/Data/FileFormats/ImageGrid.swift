import LatentDiagnostics

/// Lays out many small pictures as one.
public struct ImageGrid: Sendable {
  /// The number of pixels around and between the pictures.
  package static let border = 2
  /// The grey of the border and of cells without a picture.
  package static let background: UInt8 = 96

  /// Draws pictures row by row into a grid.
  ///
  /// - Parameters:
  ///   - values: The pictures one after another, each `shape` in row-major order; 0 is black and 1 is full. Values
  ///     outside are clamped, and NaN is drawn as 0.
  ///   - shape: Height, width, and channels (1 or 3) of one picture.
  ///   - rows: The rows of the grid.
  ///   - columns: The columns of the grid.
  ///   - scale: The side in pixels of the square that each value becomes.
  /// - Throws: A usage error when the shape is not that of a picture, or the pictures do not fit into the grid.
  public static func draw(_ values: [Float], shape: [Int], rows: Int, columns: Int, scale: Int = 1) throws -> Image {
    guard shape.count == 3, shape[2] == 1 || shape[2] == 3 else {
      throw LatentError.usage(
        "Examples of shape \(shape) cannot be drawn as pictures",
        remedy: "Use data of shape [height, width, 1] or [height, width, 3], or write a .npy file")
    }
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let size = height * width * channels
    // Sizes that a command line can carry must not overflow below.
    guard [height, width, rows, columns, scale].allSatisfy({ (1...1 << 15).contains($0) }) else {
      throw tooLarge(rows, columns, shape, scale)
    }
    guard values.count % size == 0, values.count / size <= rows * columns else {
      throw LatentError.usage(
        "\(values.count) values do not fit into \(rows) rows and \(columns) columns of pictures of shape \(shape)",
        remedy: "Give whole pictures, at most as many as there are places")
    }
    let cellWidth = width * scale + border
    let cellHeight = height * scale + border
    let totalWidth = columns * cellWidth + border
    let totalHeight = rows * cellHeight + border
    guard max(totalWidth, totalHeight) <= PNG.maximumPixels, totalWidth * totalHeight <= PNG.maximumPixels else {
      throw tooLarge(rows, columns, shape, scale)
    }
    var pixels = [UInt8](repeating: background, count: totalWidth * totalHeight * channels)
    for index in 0..<values.count / size {
      let left = border + index % columns * cellWidth
      let top = border + index / columns * cellHeight
      for y in 0..<height * scale {
        var target = ((top + y) * totalWidth + left) * channels
        let row = index * size + y / scale * width * channels
        for x in 0..<width * scale {
          for channel in 0..<channels {
            pixels[target] = sample(values[row + x / scale * channels + channel])
            target += 1
          }
        }
      }
    }
    return Image(width: totalWidth, height: totalHeight, channels: channels, pixels: pixels)
  }

  private static func tooLarge(_ rows: Int, _ columns: Int, _ shape: [Int], _ scale: Int) -> LatentError {
    .usage(
      "\(rows) rows and \(columns) columns of pictures of shape \(shape) at scale \(scale) cannot be drawn",
      remedy: "Give at least 1 of each, and few enough for \(PNG.maximumPixels) pixels in all")
  }

  /// The nearest of the 256 levels; a comparison with NaN is false, so NaN becomes 0.
  private static func sample(_ value: Float) -> UInt8 {
    value > 0 ? UInt8(min(value, 1) * 255 + 0.5) : 0
  }
}
