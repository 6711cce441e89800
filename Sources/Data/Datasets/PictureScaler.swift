import LatentFileFormats

/// Brings pictures to a size by a triangle as wide as the pixels of the smaller picture, which is what Pillow calls bilinear.
struct PictureScaler {
  let settings: PictureSettings
  /// The shape of results: rows, columns, channels.
  let shape: [Int]

  /// The bytes of a picture as an example, [height, width, channels].
  func callAsFunction(_ image: Image) -> [UInt8] {
    let colored = inChannels(image, shape[2])
    let (height, width) = (shape[0], shape[1])
    guard image.width != width || image.height != height else { return colored.pixels }
    switch settings.fit {
    case .stretch: return scaled(colored, columns: 0..<image.width, rows: 0..<image.height, width, height)
    case .crop:
      // The largest part in the proportion of the result, by whole pixels.
      let cutWidth = min(image.width, max(1, image.height * width / height))
      let cutHeight = min(image.height, max(1, image.width * height / width))
      let (left, top) = ((image.width - cutWidth) / 2, (image.height - cutHeight) / 2)
      return scaled(
        colored, columns: left..<(left + cutWidth), rows: top..<(top + cutHeight), width, height)
    case .pad:
      let ownWidth = min(width, max(1, (image.width * height + image.height / 2) / image.height))
      let ownHeight = min(height, max(1, (image.height * width + image.width / 2) / image.width))
      let inner = scaled(colored, columns: 0..<image.width, rows: 0..<image.height, ownWidth, ownHeight)
      let (left, top) = ((width - ownWidth) / 2, (height - ownHeight) / 2)
      var result = [UInt8](repeating: 0, count: height * width * shape[2])
      let row = ownWidth * shape[2]
      for y in 0..<ownHeight {
        let start = ((top + y) * width + left) * shape[2]
        result.replaceSubrange(start..<(start + row), with: inner[(y * row)..<((y + 1) * row)])
      }
      return result
    }
  }

  /// Grey as a colour, or a colour's luma by the weights of ITU-R 601, which are Pillow's.
  private func inChannels(_ image: Image, _ channels: Int) -> Image {
    guard image.channels != channels else { return image }
    let pixels: [UInt8] =
      channels == 3
      ? image.pixels.flatMap { [$0, $0, $0] }
      : stride(from: 0, to: image.pixels.count, by: 3).map { place in
        let (red, green) = (Int(image.pixels[place]), Int(image.pixels[place + 1]))
        return UInt8((red * 19595 + green * 38470 + Int(image.pixels[place + 2]) * 7471 + 0x8000) >> 16)
      }
    return Image(width: image.width, height: image.height, channels: channels, pixels: pixels)
  }

  /// A part of a picture at another size: first along the rows, then along the columns, rounded in between.
  private func scaled(
    _ image: Image, columns: Range<Int>, rows: Range<Int>, _ width: Int, _ height: Int
  ) -> [UInt8] {
    let channels = image.channels
    let across = Self.windows(columns.count, width)
    let down = Self.windows(rows.count, height)
    var narrow = [UInt8](repeating: 0, count: rows.count * width * channels)
    var result = [UInt8](repeating: 0, count: height * width * channels)
    image.pixels.withUnsafeBufferPointer { source in
      narrow.withUnsafeMutableBufferPointer { target in
        for y in 0..<rows.count {
          let line = (rows.lowerBound + y) * image.width + columns.lowerBound
          for (x, window) in across.enumerated() {
            for channel in 0..<channels {
              var sum: Float = 0.5
              var place = (line + window.start) * channels + channel
              for weight in window.weights {
                sum += weight * Float(source[place])
                place += channels
              }
              target[(y * width + x) * channels + channel] = UInt8(min(255, max(0, sum)))
            }
          }
        }
      }
    }
    let row = width * channels
    narrow.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        for (y, window) in down.enumerated() {
          for x in 0..<row {
            var sum: Float = 0.5
            var place = window.start * row + x
            for weight in window.weights {
              sum += weight * Float(source[place])
              place += row
            }
            target[y * row + x] = UInt8(min(255, max(0, sum)))
          }
        }
      }
    }
    return result
  }

  /// For each place of a line of `size` the first place of one of `count` that it is made of, and their weights.
  private static func windows(_ count: Int, _ size: Int) -> [(start: Int, weights: [Float])] {
    let scale = Double(count) / Double(size)
    let reach = max(1, scale)
    return (0..<size).map { place in
      let centre = (Double(place) + 0.5) * scale
      let start = max(0, Int(centre - reach + 0.5))
      let end = min(count, Int(centre + reach + 0.5))
      let weights = (start..<end).map { max(0, 1 - abs((Double($0) + 0.5 - centre) / reach)) }
      let sum = weights.reduce(0, +)
      return (start, weights.map { Float($0 / sum) })
    }
  }
}
