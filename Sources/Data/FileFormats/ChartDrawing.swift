import LatentDiagnostics
import Foundation

/// The layout of a chart in pixels, and its drawing.
struct ChartDrawing {
  /// One panel: where its plot is and how values become places.
  struct PanelLayout {
    var panel: LineChart.Panel
    var xAxis: ChartAxis
    var yAxis: ChartAxis
    /// The pixels between the axes.
    var plot = ChartCanvas.Rectangle(left: 0, top: 0, right: 0, bottom: 0)

    /// The place of a point in pixels from the upper left; nil when the axes have none for it.
    func place(_ point: LineChart.Point) -> (x: Double, y: Double)? {
      guard ChartAxis.accepts(point.x, panel.xAxis.scale), ChartAxis.accepts(point.y, panel.yAxis.scale) else {
        return nil
      }
      // Lines that end far outside the plot keep their direction well enough.
      func bounded(_ fraction: Double) -> Double { min(max(fraction, -100), 101) }
      return (
        plot.left + bounded(xAxis.fraction(point.x)) * (plot.right - plot.left),
        plot.bottom - bounded(yAxis.fraction(point.y)) * (plot.bottom - plot.top)
      )
    }
  }

  /// One entry of the legend, at the left end of its sample.
  struct LegendEntry {
    var name: String
    var style: Style
    var x = 0.0
    var y = 0.0
  }

  /// How a series looks.
  struct Style: Equatable {
    var color: LineChart.Color
    var isDashed: Bool
  }

  /// The panels from left to right.
  private(set) var panels: [PanelLayout] = []
  /// The legend.
  private(set) var legend: [LegendEntry] = []
  let scale: Double
  var width = 0.0
  var height = 0.0

  static let ink = LineChart.Color(38, 38, 38)
  static let axisColor = LineChart.Color(90, 90, 90)
  static let gridColor = LineChart.Color(230, 230, 230)
  // In units of `scale` pixels.
  static let (margin, tickLength, lineThickness) = (12.0, 4.0, 1.6)
  static let (labelSize, titleSize, panelTitleSize) = (0.62, 0.66, 0.74)
  static let (sampleLength, legendGap) = (22.0, 20.0)

  /// Lays out a chart.
  ///
  /// - Throws: What `LineChart.draw()` throws.
  init(_ chart: LineChart) throws {
    guard !chart.panels.isEmpty else {
      throw LatentError.usage("A chart without panels cannot be drawn", remedy: "Give at least one panel")
    }
    let sizes = 40...10_000
    guard sizes.contains(chart.plotWidth), sizes.contains(chart.plotHeight), (1...16).contains(chart.scale) else {
      throw LatentError.usage(
        "Plots of \(chart.plotWidth) by \(chart.plotHeight) units of \(chart.scale) pixels cannot be drawn",
        remedy: "Give sides from 40 to 10000 units, and 1 to 16 pixels to a unit")
    }
    scale = Double(chart.scale)
    let (plotWidth, plotHeight) = (Double(chart.plotWidth), Double(chart.plotHeight))
    panels = try chart.panels.map { panel in
      let shown = panel.series.flatMap(\.points).filter { point in
        ChartAxis.accepts(point.x, panel.xAxis.scale) && ChartAxis.accepts(point.y, panel.yAxis.scale)
      }
      guard !shown.isEmpty else {
        throw LatentError.usage(
          "The panel “\(panel.title)” of a chart has no point to draw",
          remedy: "Give it at least one point of finite numbers, positive on logarithmic axes")
      }
      return try PanelLayout(
        panel: panel,
        xAxis: ChartAxis(
          panel.xAxis, values: shown.map(\.x), margin: 0.03,
          room: max(2, chart.plotWidth / (panel.xAxis.scale == .linear ? 48 : 32))),
        yAxis: ChartAxis(panel.yAxis, values: shown.map(\.y), margin: 0.05, room: max(2, chart.plotHeight / 32)))
    }
    legend = Self.entries(chart.panels)
    place(plotWidth, plotHeight)
    guard width * height <= Double(PNG.maximumPixels) else {
      throw LatentError.usage(
        "A chart of \(Int(width)) by \(Int(height)) pixels cannot be drawn",
        remedy: "Draw fewer or smaller panels, at most \(PNG.maximumPixels) pixels in all")
    }
  }

  /// The names of all series, the first of each name deciding its looks.
  static func entries(_ panels: [LineChart.Panel]) -> [LegendEntry] {
    var entries: [LegendEntry] = []
    var used = 0
    for series in panels.flatMap(\.series) where !entries.contains(where: { $0.name == series.name }) {
      let color = series.color ?? LineChart.palette[used % LineChart.palette.count]
      if series.color == nil { used += 1 }
      entries.append(LegendEntry(name: series.name, style: Style(color: color, isDashed: series.isDashed)))
    }
    return entries
  }

  static func textWidth(_ text: String, _ size: Double) -> Double { StrokeFont.text(text).width * size }

  /// Sets all places, given the size of a plot in units.
  mutating func place(_ plotWidth: Double, _ plotHeight: Double) {
    let hasTitles = panels.contains { !$0.panel.title.isEmpty }
    let top = Self.margin + (hasTitles ? 20 : 0)
    var left = 0.0
    for index in panels.indices {
      let labels = panels[index].yAxis.ticks.map { Self.textWidth($0.label, Self.labelSize) }.max() ?? 0
      left += Self.margin + (panels[index].panel.yAxis.title.isEmpty ? 0 : 18) + labels + Self.tickLength + 5
      panels[index].plot = ChartCanvas.Rectangle(
        left: (left * scale).rounded(), top: (top * scale).rounded(), right: ((left + plotWidth) * scale).rounded(),
        bottom: ((top + plotHeight) * scale).rounded())
      left += plotWidth + 4
    }
    width = ((left + Self.margin) * scale).rounded(.up)
    var bottom = top + plotHeight + Self.tickLength + 18
    if panels.contains(where: { !$0.panel.xAxis.title.isEmpty }) { bottom += 17 }
    height = ((bottom + placeLegend(below: bottom) + Self.margin - 4) * scale).rounded(.up)
  }

  /// Sets the legend's places in rows that are centred, and returns their height; one series without a name needs none.
  mutating func placeLegend(below top: Double) -> Double {
    if legend.count <= 1, legend.first?.name.isEmpty ?? true {
      legend = []
      return 0
    }
    let widths = legend.map { Self.sampleLength + 7 + Self.textWidth($0.name, Self.titleSize) }
    let available = width / scale - 2 * Self.margin
    var rows: [[Int]] = []
    var used = 0.0
    for index in legend.indices {
      if rows.isEmpty || used + Self.legendGap + widths[index] > available {
        rows.append([index])
        used = widths[index]
      } else {
        rows[rows.count - 1].append(index)
        used += Self.legendGap + widths[index]
      }
    }
    // A single name can be wider than the panels.
    width = max(width, ((widths.max() ?? 0) + 2 * Self.margin) * scale).rounded(.up)
    for (number, row) in rows.enumerated() {
      let total = row.reduce(-Self.legendGap) { $0 + widths[$1] + Self.legendGap }
      var x = (width / scale - total) / 2
      for index in row {
        legend[index].x = x
        legend[index].y = top + 17 + 18 * Double(number)
        x += widths[index] + Self.legendGap
      }
    }
    return 5 + 18 * Double(rows.count)
  }

  /// The looks of a series.
  func style(_ series: LineChart.Series) -> Style {
    let known = legend.first { $0.name == series.name }?.style
    return Style(color: series.color ?? known?.color ?? LineChart.palette[0], isDashed: series.isDashed)
  }

  /// Draws everything.
  func image() -> Image {
    var canvas = ChartCanvas(width: Int(width), height: Int(height))
    for layout in panels {
      drawAxes(layout, on: &canvas)
      for series in layout.panel.series { draw(series, layout, on: &canvas) }
    }
    for entry in legend {
      let y = entry.y - StrokeFont.capitalHeight * Self.titleSize / 2
      let sample = [(entry.x * scale, y * scale), ((entry.x + Self.sampleLength) * scale, y * scale)]
      drawLine(sample, entry.style, nil, on: &canvas)
      write(entry.name, at: (entry.x + Self.sampleLength + 7, entry.y), Self.titleSize, .start, on: &canvas)
    }
    return canvas.image
  }

  func drawAxes(_ layout: PanelLayout, on canvas: inout ChartCanvas) {
    let plot = layout.plot
    let thin = max(1, Int((scale * 0.75).rounded()))
    let thick = max(1, Int(scale.rounded()))
    let (left, right, top, bottom) = (Int(plot.left), Int(plot.right), Int(plot.top), Int(plot.bottom))
    func x(_ value: Double) -> Double { plot.left + layout.xAxis.fraction(value) * (plot.right - plot.left) }
    func y(_ value: Double) -> Double { plot.bottom - layout.yAxis.fraction(value) * (plot.bottom - plot.top) }
    /// The pixels of a line of some thickness around a place.
    func band(_ place: Double, _ thickness: Int) -> Range<Int> {
      let first = Int((place - Double(thickness) / 2).rounded())
      return first..<first + thickness
    }
    for tick in layout.xAxis.ticks {
      canvas.fill(columns: band(x(tick.value), thin), rows: top..<bottom, Self.gridColor)
    }
    for tick in layout.yAxis.ticks {
      canvas.fill(columns: left..<right, rows: band(y(tick.value), thin), Self.gridColor)
    }
    canvas.fill(columns: left - thick..<right, rows: bottom..<bottom + thick, Self.axisColor)
    canvas.fill(columns: left - thick..<left, rows: top..<bottom + thick, Self.axisColor)
    let major = Int((Self.tickLength * scale).rounded())
    for tick in layout.xAxis.ticks {
      canvas.fill(columns: band(x(tick.value), thick), rows: bottom..<bottom + major, Self.axisColor)
      let baseline = plot.bottom / scale + Self.tickLength + 13
      write(tick.label, at: (x(tick.value) / scale, baseline), Self.labelSize, .middle, on: &canvas)
    }
    for value in layout.xAxis.minorTicks {
      canvas.fill(columns: band(x(value), thin), rows: bottom..<bottom + major / 2, Self.axisColor)
    }
    for tick in layout.yAxis.ticks {
      canvas.fill(columns: left - major..<left, rows: band(y(tick.value), thick), Self.axisColor)
      let baseline = y(tick.value) / scale + StrokeFont.capitalHeight * Self.labelSize / 2
      write(
        tick.label, at: (plot.left / scale - Self.tickLength - 4, baseline), Self.labelSize, .end, on: &canvas)
    }
    for value in layout.yAxis.minorTicks {
      canvas.fill(columns: left - major / 2..<left, rows: band(y(value), thin), Self.axisColor)
    }
    let middle = (plot.left + plot.right) / 2 / scale
    write(layout.panel.title, at: (middle, plot.top / scale - 9), Self.panelTitleSize, .middle, on: &canvas)
    write(
      layout.panel.xAxis.title, at: (middle, plot.bottom / scale + Self.tickLength + 31), Self.titleSize, .middle,
      on: &canvas)
    let labels = layout.yAxis.ticks.map { Self.textWidth($0.label, Self.labelSize) }.max() ?? 0
    write(
      layout.panel.yAxis.title,
      at: (plot.left / scale - labels - Self.tickLength - 13, (plot.top + plot.bottom) / 2 / scale), Self.titleSize,
      .middle, isUpright: true, on: &canvas)
  }
}
