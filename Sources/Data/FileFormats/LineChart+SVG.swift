import Foundation
import LatentDiagnostics

extension LineChart {
  /// A panel with its axes, and the place of its plot.
  private struct Plot {
    let panel: Panel, x: ChartAxis, y: ChartAxis
    let left: Double, top: Double, width: Double, height: Double

    func place(x value: Double) -> Double { left + x.fraction(value) * width }
    func place(y value: Double) -> Double { top + (1 - y.fraction(value)) * height }
  }

  private static let (margin, fontSize) = (12.0, 11.0)

  /// The chart as the text of an SVG file.
  ///
  /// - Throws: A `LatentError` when there are no panels, a panel has no point to draw, or the range of an axis is not one.
  package func svg() throws -> String {
    let plots = try laidOut()
    let colors = seriesColors
    guard let last = plots.last else {
      throw LatentError.usage("A chart without panels cannot be drawn", remedy: "Give at least one panel")
    }
    let width = last.left + plotWidth + Self.margin
    var body = plots.enumerated().map { index, plot in
      Self.axes(plot) + plot.panel.series.map { Self.line($0, colors[$0.name] ?? "black", plot, clip: index) }.joined()
    }.joined(separator: "\n")
    let bottom = last.top + plotHeight + 42
    let (legend, height) = Self.legend(plots.flatMap(\.panel.series), colors, width: width, top: bottom)
    body += legend
    let clips = plots.enumerated().map { index, plot in
      "<clipPath id=\"plot\(index)\"><rect \(Self.box(plot))/></clipPath>"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
      font-family="sans-serif" font-size="\(Self.number(Self.fontSize))" fill="#262626">
      <rect width="100%" height="100%" fill="white"/>
      <defs>\(clips.joined())</defs>
      \(body)
      </svg>

      """
  }

  /// Writes the chart into an SVG file.
  ///
  /// - Throws: What `svg()` throws, and a `LatentError` naming the file when it cannot be written.
  package func write(to path: String) throws { try AtomicFile.write(Data(svg().utf8), to: path) }

  private func laidOut() throws -> [Plot] {
    var left = 0.0
    return try panels.map { panel in
      let shown = panel.series.flatMap(\.points).filter(panel.hasPlace)
      guard !shown.isEmpty else {
        throw LatentError.usage(
          "The panel “\(panel.title)” of a chart has no point to draw",
          remedy: "Give it at least one point of finite numbers, positive on logarithmic axes")
      }
      let x = try ChartAxis(
        panel.xAxis, values: shown.map(\.x), margin: 0.03,
        room: max(2, Int(plotWidth / (panel.xAxis.scale == .linear ? 48 : 32))))
      let y = try ChartAxis(panel.yAxis, values: shown.map(\.y), margin: 0.05, room: max(2, Int(plotHeight / 32)))
      let labels = y.ticks.map { Self.width($0.label) }.max() ?? 0
      left += Self.margin + (panel.yAxis.title.isEmpty ? 0 : 18) + labels + 9
      defer { left += plotWidth + 4 }
      let top = Self.margin + (panels.contains { !$0.title.isEmpty } ? 20 : 0)
      return Plot(panel: panel, x: x, y: y, left: left, top: top, width: plotWidth, height: plotHeight)
    }
  }

  /// The colour of each name, the first series of a name deciding.
  private var seriesColors: [String: String] {
    var colors: [String: String] = [:]
    for series in panels.flatMap(\.series) where colors[series.name] == nil {
      colors[series.name] = series.color ?? Self.palette[colors.count % Self.palette.count]
    }
    return colors
  }

  private static func axes(_ plot: Plot) -> String {
    let (left, top, right, bottom) = (plot.left, plot.top, plot.left + plot.width, plot.top + plot.height)
    var grid = "", ticks = "", texts = ""
    for tick in plot.x.ticks {
      let x = plot.place(x: tick.value)
      grid += path((x, top), (x, bottom))
      ticks += path((x, bottom), (x, bottom + 4))
      texts += label(tick, x, bottom + 16)
    }
    for value in plot.x.minorTicks { ticks += path((plot.place(x: value), bottom), (plot.place(x: value), bottom + 2)) }
    for tick in plot.y.ticks {
      let y = plot.place(y: tick.value)
      grid += path((left, y), (right, y))
      ticks += path((left - 4, y), (left, y))
      texts += label(tick, left - 7, y + 4, anchor: "end")
    }
    for value in plot.y.minorTicks { ticks += path((left - 2, plot.place(y: value)), (left, plot.place(y: value))) }
    let labels = plot.y.ticks.map { width($0.label) }.max() ?? 0
    let (middle, side) = ((left + right) / 2, (left - labels - 17, (top + bottom) / 2))
    texts += text(plot.panel.title, middle, top - 9, more: " font-size=\"13\"")
    texts += text(plot.panel.xAxis.title, middle, bottom + 33)
    texts += text(
      plot.panel.yAxis.title, side.0, side.1, more: " transform=\"rotate(-90 \(number(side.0)) \(number(side.1)))\"")
    return "<path d=\"\(grid)\" stroke=\"#e6e6e6\" stroke-width=\"0.75\"/>"
      + "<path d=\"\(ticks)\(path((left, top), (left, bottom), (right, bottom)))\" fill=\"none\" stroke=\"#5a5a5a\"/>"
      + texts
  }

  /// A series within its plot; points without a place interrupt it.
  private static func line(_ series: Series, _ color: String, _ plot: Plot, clip: Int) -> String {
    let parts = series.points.split { !plot.panel.hasPlace($0) }
    let strokes = parts.map { part in
      part.count == 1
        ? part.map { path((plot.place(x: $0.x), plot.place(y: $0.y)), (plot.place(x: $0.x), plot.place(y: $0.y))) }
          .joined()
        : path(part.map { (plot.place(x: $0.x), plot.place(y: $0.y)) })
    }
    return "<path clip-path=\"url(#plot\(clip))\" d=\"\(strokes.joined())\"\(looks(color, series.isDashed))/>"
  }

  /// The names in centred rows, and where they end; one series without a name needs none.
  private static func legend(
    _ series: [Series], _ colors: [String: String], width: Double, top: Double
  ) -> (text: String, bottom: Double) {
    var names = Set<String>()
    let entries = series.filter { names.insert($0.name).inserted }
    guard names.contains(where: { !$0.isEmpty }) else { return ("", top) }
    var rows: [(entries: [Series], width: Double)] = []
    for entry in entries {
      let own = 47 + Self.width(entry.name)
      if let last = rows.last, last.width + own <= width - 2 * margin {
        rows[rows.count - 1] = (last.entries + [entry], last.width + own)
      } else {
        rows.append(([entry], own))
      }
    }
    var text = ""
    for (index, row) in rows.enumerated() {
      var x = max(margin, (width - row.width + 20) / 2)
      let y = top + 14 + 18 * Double(index)
      for entry in row.entries {
        text +=
          "<path d=\"\(path((x, y - 4), (x + 22, y - 4)))\"\(looks(colors[entry.name] ?? "black", entry.isDashed))/>"
        text += Self.text(entry.name, x + 27, y, anchor: "start")
        x += 47 + Self.width(entry.name)
      }
    }
    return (text, top + 14 + 18 * Double(rows.count))
  }

  private static func looks(_ color: String, _ isDashed: Bool) -> String {
    " fill=\"none\" stroke=\"\(escaped(color))\" stroke-width=\"1.6\" stroke-linejoin=\"round\" stroke-linecap=\"round\""
      + (isDashed ? " stroke-dasharray=\"4 4\"" : "")
  }

  private static func path(_ points: (Double, Double)...) -> String { path(points) }

  private static func path(_ points: [(Double, Double)]) -> String {
    "M" + points.map { "\(number($0.0)) \(number($0.1))" }.joined(separator: "L")
  }

  private static func text(
    _ words: String, _ x: Double, _ y: Double, anchor: String = "middle", more: String = ""
  ) -> String {
    guard !words.isEmpty else { return "" }
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"\(more)>\(escaped(words))</text>"
  }

  /// A tick's label, its exponent raised.
  private static func label(_ tick: ChartAxis.Tick, _ x: Double, _ y: Double, anchor: String = "middle") -> String {
    text(tick.label, x, y, anchor: anchor)
      .replacing("^{", with: "<tspan dy=\"-4\" font-size=\"8\">").replacing("}", with: "</tspan>")
  }

  private static func box(_ plot: Plot) -> String {
    "x=\"\(number(plot.left))\" y=\"\(number(plot.top))\" width=\"\(number(plot.width))\" height=\"\(number(plot.height))\""
  }

  /// About how wide a text is: fonts differ.
  private static func width(_ text: String) -> Double { Double(text.count { !"^{}".contains($0) }) * fontSize * 0.55 }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  private static func number(_ value: Double) -> String { String(format: "%.5g", min(max(value, -1e5), 1e5)) }
}

extension LineChart.Panel {
  /// Whether the axes have a place for a point.
  fileprivate func hasPlace(_ point: LineChart.Point) -> Bool {
    ChartAxis.accepts(point.x, xAxis.scale) && ChartAxis.accepts(point.y, yAxis.scale)
  }
}
