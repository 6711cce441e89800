/// A white picture in colour that filled rectangles and anti-aliased lines are drawn on; the unit is a pixel.
struct ChartCanvas {
  /// An upright rectangle.
  struct Rectangle: Equatable {
    var left: Double, top: Double, right: Double, bottom: Double
  }

  /// What has been drawn.
  private(set) var image: Image

  /// Creates an empty picture.
  init(width: Int, height: Int) {
    image = Image(
      width: width, height: height, channels: 3, pixels: Array(repeating: 255, count: width * height * 3))
  }

  /// Fills all pixels whose rows and columns are within whole numbers.
  mutating func fill(columns: Range<Int>, rows: Range<Int>, _ color: LineChart.Color) {
    for y in rows.clamped(to: 0..<image.height) {
      for x in columns.clamped(to: 0..<image.width) { blend(x, y, color, 1) }
    }
  }

  /// Draws lines with round ends, all at once, so that where they meet nothing is drawn twice.
  ///
  /// A pixel is covered as far as the distance of its middle from the nearest line says.
  mutating func stroke(
    _ segments: [StrokeFont.Segment], thickness: Double, _ color: LineChart.Color, clip: Rectangle? = nil
  ) {
    let reach = thickness / 2 + 0.5
    let clip = clip ?? Rectangle(left: 0, top: 0, right: Double(image.width), bottom: Double(image.height))
    /// The pixels whose middles are within an interval and the picture.
    func pixels(_ low: Double, _ high: Double, _ count: Int) -> Range<Int> {
      let first = min(max((low - 0.5).rounded(.up), 0), Double(count))
      let end = min(max((high - 0.5).rounded(.down) + 1, first), Double(count))
      return Int(first)..<Int(end)
    }
    func columns(_ low: Double, _ high: Double) -> Range<Int> {
      pixels(max(low - reach, clip.left), min(high + reach, clip.right), image.width)
    }
    func rows(_ low: Double, _ high: Double) -> Range<Int> {
      pixels(max(low - reach, clip.top), min(high + reach, clip.bottom), image.height)
    }
    let all = segments.reduce(into: (x: [Double](), y: [Double]())) { sum, segment in
      sum.x += [segment.x0, segment.x1]
      sum.y += [segment.y0, segment.y1]
    }
    guard let left = all.x.min(), let right = all.x.max(), let top = all.y.min(), let bottom = all.y.max() else {
      return
    }
    let (box, boxRows) = (columns(left, right), rows(top, bottom))
    guard !box.isEmpty, !boxRows.isEmpty else { return }
    var coverage = [Float](repeating: 0, count: box.count * boxRows.count)
    for segment in segments {
      let (dx, dy) = (segment.x1 - segment.x0, segment.y1 - segment.y0)
      let squaredLength = dx * dx + dy * dy
      let segmentColumns = columns(min(segment.x0, segment.x1), max(segment.x0, segment.x1))
      for y in rows(min(segment.y0, segment.y1), max(segment.y0, segment.y1)) {
        let py = Double(y) + 0.5 - segment.y0
        for x in segmentColumns {
          let px = Double(x) + 0.5 - segment.x0
          let along = squaredLength > 0 ? min(max((px * dx + py * dy) / squaredLength, 0), 1) : 0
          let (ex, ey) = (px - along * dx, py - along * dy)
          let covered = Float(min(reach - (ex * ex + ey * ey).squareRoot(), 1))
          let place = (y - boxRows.lowerBound) * box.count + x - box.lowerBound
          if covered > coverage[place] { coverage[place] = covered }
        }
      }
    }
    for y in boxRows {
      for x in box {
        let covered = coverage[(y - boxRows.lowerBound) * box.count + x - box.lowerBound]
        if covered > 0 { blend(x, y, color, Double(covered)) }
      }
    }
  }

  private mutating func blend(_ x: Int, _ y: Int, _ color: LineChart.Color, _ share: Double) {
    let place = (y * image.width + x) * 3
    for (channel, sample) in [color.red, color.green, color.blue].enumerated() {
      let old = Double(image.pixels[place + channel])
      image.pixels[place + channel] = UInt8((old + share * (Double(sample) - old)).rounded())
    }
  }
}
