import LatentDiagnostics
import Foundation

extension ChartDrawing {
  func draw(_ series: LineChart.Series, _ layout: PanelLayout, on canvas: inout ChartCanvas) {
    // Half a line may stand out at the edges, so that a line along one is drawn whole.
    let out = Self.lineThickness * scale
    let clip = ChartCanvas.Rectangle(
      left: layout.plot.left - out, top: layout.plot.top - out, right: layout.plot.right + out,
      bottom: layout.plot.bottom + out)
    var run: [(Double, Double)] = []
    func finishRun() {
      drawLine(run, style(series), clip, on: &canvas)
      run = []
    }
    for point in series.points {
      if let place = layout.place(point) { run.append(place) } else { finishRun() }
    }
    finishRun()
  }

  /// Draws a line through places in pixels, or a dot at a single one.
  func drawLine(
    _ points: [(Double, Double)], _ style: Style, _ clip: ChartCanvas.Rectangle?, on canvas: inout ChartCanvas
  ) {
    guard let first = points.first else { return }
    let thickness = Self.lineThickness * scale
    if points.count == 1 {
      let dot = StrokeFont.Segment(x0: first.0, y0: first.1, x1: first.0, y1: first.1)
      canvas.stroke([dot], thickness: 3 * thickness, style.color, clip: clip)
      return
    }
    let segments = zip(points, points.dropFirst()).map { from, to in
      StrokeFont.Segment(x0: from.0, y0: from.1, x1: to.0, y1: to.1)
    }
    canvas.stroke(style.isDashed ? dashes(segments) : segments, thickness: thickness, style.color, clip: clip)
  }

  /// Cuts a line into dashes along its length.
  func dashes(_ segments: [StrokeFont.Segment]) -> [StrokeFont.Segment] {
    // Round ends lengthen a dash and shorten a gap by the line's thickness.
    let lengths = [4 * scale, 4.4 * scale]
    var result: [StrokeFont.Segment] = []
    var (phase, left) = (0, lengths[0])
    for segment in segments {
      let (dx, dy) = (segment.x1 - segment.x0, segment.y1 - segment.y0)
      let length = (dx * dx + dy * dy).squareRoot()
      var start = 0.0
      while start < length {
        let end = min(start + left, length)
        if phase == 0 {
          result.append(
            StrokeFont.Segment(
              x0: segment.x0 + dx * start / length, y0: segment.y0 + dy * start / length,
              x1: segment.x0 + dx * end / length, y1: segment.y0 + dy * end / length))
        }
        left -= end - start
        start = end
        // Rounding can leave a rest that no longer moves the start.
        if left <= 1e-6 {
          phase = 1 - phase
          left = lengths[phase]
        }
      }
    }
    return result
  }

  /// Which part of a text is put at a place.
  enum Anchor: Double {
    case start = 0
    case middle = 0.5
    case end = 1
  }

  /// Writes a text on a base line at a place in units; an upright one reads from below.
  func write(
    _ text: String, at place: (x: Double, y: Double), _ size: Double, _ anchor: Anchor, isUpright: Bool = false,
    on canvas: inout ChartCanvas
  ) {
    let (segments, width) = StrokeFont.text(text)
    let unit = size * scale
    func point(_ along: Double, _ down: Double) -> (Double, Double) {
      let offset = (along - width * anchor.rawValue) * unit
      return isUpright
        ? (place.x * scale + down * unit, place.y * scale - offset)
        : (place.x * scale + offset, place.y * scale + down * unit)
    }
    canvas.stroke(
      segments.map { segment in
        let (from, to) = (point(segment.x0, segment.y0), point(segment.x1, segment.y1))
        return StrokeFont.Segment(x0: from.0, y0: from.1, x1: to.0, y1: to.1)
      }, thickness: StrokeFont.thickness * unit, Self.ink)
  }
}
