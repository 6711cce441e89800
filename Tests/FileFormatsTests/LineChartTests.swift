import LatentDiagnostics
import Foundation
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct LineChartTests {
  private let line = (0...20).map { LineChart.Point(Double($0), sin(Double($0) / 3)) }

  /// The samples of the pixel at a place.
  private func color(_ image: Image, _ x: Double, _ y: Double) -> LineChart.Color {
    let place = (Int(y) * image.width + Int(x)) * 3
    return LineChart.Color(image.pixels[place], image.pixels[place + 1], image.pixels[place + 2])
  }

  private func isNear(_ a: LineChart.Color, _ b: LineChart.Color) -> Bool {
    func distance(_ x: UInt8, _ y: UInt8) -> Int { abs(Int(x) - Int(y)) }
    return max(distance(a.red, b.red), distance(a.green, b.green), distance(a.blue, b.blue)) <= 24
  }

  @Test(arguments: [2, 3]) func pixelsAtThePointsHaveTheColourOfTheSeries(scale: Int) throws {
    let red = LineChart.Color(200, 0, 0)
    let chart = LineChart(
      panels: [
        LineChart.Panel(series: [LineChart.Series(name: "a", points: line)]),
        LineChart.Panel(series: [LineChart.Series(name: "b", points: line, color: red)]),
      ], scale: scale)
    let drawing = try ChartDrawing(chart)
    let image = try chart.draw()
    for (layout, expected) in zip(drawing.panels, [LineChart.palette[0], red]) {
      for point in line {
        let place = try #require(layout.place(point))
        // Whole pixels are covered up to half the thickness less half a pixel from the line: 1.1 and more.
        #expect(isNear(color(image, place.x, place.y), expected))
      }
    }
    // Nothing of the first series is in the second panel.
    let second = drawing.panels[1].plot
    for y in Int(second.top)..<Int(second.bottom) {
      for x in Int(second.left)..<Int(second.right) {
        #expect(!isNear(color(image, Double(x), Double(y)), LineChart.palette[0]))
      }
    }
  }

  @Test func theHighestPointIsUppermostAndTheLastRightmost() throws {
    let points = [LineChart.Point(1, 5), LineChart.Point(10, 50), LineChart.Point(1000, 7)]
    for scale in LineChart.AxisScale.allCases {
      let panel = LineChart.Panel(
        xAxis: LineChart.Axis(scale: scale), yAxis: LineChart.Axis(scale: scale),
        series: [LineChart.Series(name: "", points: points)])
      let layout = try #require(ChartDrawing(LineChart(panels: [panel])).panels.first)
      let places = try points.map { try #require(layout.place($0)) }
      #expect(places[0].x < places[1].x && places[1].x < places[2].x)
      #expect(places[1].y < places[2].y && places[2].y < places[0].y)
      for place in places {
        #expect((layout.plot.left...layout.plot.right).contains(place.x))
        #expect((layout.plot.top...layout.plot.bottom).contains(place.y))
      }
    }
  }

  @Test(arguments: [
    (0.0, 1.0), (-150, -100), (0, 1600), (1e-9, 2e-9), (-3e7, 5e8), (99.99, 100.01), (1e99, 1e100), (-1e-30, 1e-30),
  ])
  func linearTicksAscendWithinTheRangeAndDiffer(low: Double, high: Double) throws {
    let axis = try ChartAxis(LineChart.Axis(), values: [low, high], margin: 0.05, room: 5)
    #expect((2...8).contains(axis.ticks.count))
    check(axis)
    // Equal steps.
    let steps = zip(axis.ticks, axis.ticks.dropFirst()).map { $1.value - $0.value }
    #expect(steps.allSatisfy { abs($0 / steps[0] - 1) < 1e-6 })
  }

  @Test(arguments: [(1e5, 1e8), (1.0, 1000.0), (3, 40), (1.1, 1.9), (1e-12, 1e12), (1e-99, 1e99), (250, 60_000)])
  func logarithmicTicksAscendWithinTheRangeAndDiffer(low: Double, high: Double) throws {
    let axis = try ChartAxis(LineChart.Axis(scale: .logarithmic), values: [low, high], margin: 0.03, room: 5)
    #expect((2...8).contains(axis.ticks.count))
    check(axis)
  }

  private func check(_ axis: ChartAxis) {
    let places = axis.ticks.map { axis.fraction($0.value) }
    #expect(places.allSatisfy { (-1e-6...1 + 1e-6).contains($0) })
    #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
    #expect(Set(axis.ticks.map { $0.label }).count == axis.ticks.count)
    #expect(axis.minorTicks.allSatisfy { (-1e-6...1 + 1e-6).contains(axis.fraction($0)) })
  }

  @Test func ticksHaveTheNumbersThatAReaderExpects() throws {
    func labels(_ scale: LineChart.AxisScale, _ range: ClosedRange<Double>) throws -> [String] {
      try ChartAxis(LineChart.Axis(scale: scale, range: range), values: [1], margin: 0, room: 5).ticks.map { $0.label }
    }
    #expect(try labels(.linear, -150...(-100)) == ["-150", "-140", "-130", "-120", "-110", "-100"])
    #expect(try labels(.linear, -0.2...0.2) == ["-0.2", "-0.1", "0", "0.1", "0.2"])
    #expect(try labels(.linear, 0...1600) == ["0", "500", "1000", "1500"])
    #expect(try labels(.linear, 0...1e7) == ["0", "0.2e7", "0.4e7", "0.6e7", "0.8e7", "1.0e7"])
    #expect(try labels(.logarithmic, 1e5...1e8) == ["10^{5}", "10^{6}", "10^{7}", "10^{8}"])
    #expect(try labels(.logarithmic, 1.5...12) == ["2", "5", "10"])
    #expect(try labels(.logarithmic, 0.3...0.6) == ["0.3", "0.4", "0.5", "0.6"])
  }

  @Test func pointsWithoutAPlaceInterruptTheLine() throws {
    let broken = [
      LineChart.Point(0, 0), LineChart.Point(1, 0), LineChart.Point(2, .nan), LineChart.Point(3, 0),
      LineChart.Point(4, 0), LineChart.Point(.infinity, 9), LineChart.Point(5, 1),
    ]
    let chart = LineChart(panels: [LineChart.Panel(series: [LineChart.Series(name: "a", points: broken)])])
    let layout = try #require(ChartDrawing(chart).panels.first)
    let image = try chart.draw()
    func isDrawn(_ x: Double, _ y: Double) throws -> Bool {
      let place = try #require(layout.place(LineChart.Point(x, y)))
      return isNear(color(image, place.x, place.y), LineChart.palette[0])
    }
    #expect(try isDrawn(0.5, 0))
    #expect(try !isDrawn(1.5, 0))
    #expect(try !isDrawn(2.5, 0))
    #expect(try isDrawn(3.5, 0))
    #expect(try !isDrawn(4.5, 0.5))
    // A point by itself is a dot.
    #expect(try isDrawn(5, 1))
  }

  @Test func valuesThatAreNotPositiveHaveNoPlaceOnALogarithmicAxis() throws {
    let panel = LineChart.Panel(
      xAxis: LineChart.Axis(scale: .logarithmic),
      series: [
        LineChart.Series(name: "a", points: [LineChart.Point(0, 1), LineChart.Point(-1, 2), LineChart.Point(5, 3)])
      ])
    let layout = try #require(ChartDrawing(LineChart(panels: [panel])).panels.first)
    #expect(layout.place(LineChart.Point(0, 1)) == nil)
    #expect(layout.place(LineChart.Point(5, 3)) != nil)
  }

  @Test(arguments: [
    [LineChart.Point(3, 7)], [LineChart.Point(0, 0)], [LineChart.Point(1, 4), LineChart.Point(2, 4)],
    [LineChart.Point(2, 1), LineChart.Point(2, 5)], [LineChart.Point(-1e99, 1e-99), LineChart.Point(1e99, 2e-99)],
    [LineChart.Point(1, 1), LineChart.Point(2, 1 + 1e-15)],
  ])
  func extremePointsCanBeDrawn(points: [LineChart.Point]) throws {
    let panel = LineChart.Panel(series: [LineChart.Series(name: "a", points: points)])
    let layout = try #require(ChartDrawing(LineChart(panels: [panel])).panels.first)
    for point in points {
      let place = try #require(layout.place(point))
      #expect((layout.plot.left...layout.plot.right).contains(place.x))
      #expect((layout.plot.top...layout.plot.bottom).contains(place.y))
    }
    let image = try LineChart(panels: [panel]).draw()
    #expect(image.pixels.contains { $0 != 255 })
  }

  /// What is outside of a range that was asked for is not drawn, and does not spoil the margin.
  @Test func linesAreCutOffAtTheRange() throws {
    let panel = LineChart.Panel(
      yAxis: LineChart.Axis(range: 0...1),
      series: [LineChart.Series(name: "", points: [LineChart.Point(0, -1e50), LineChart.Point(1, 1e50)])])
    let chart = LineChart(panels: [panel])
    let plot = try #require(ChartDrawing(chart).panels.first).plot
    let image = try chart.draw()
    for y in 0..<image.height where !(Int(plot.top) - 6...Int(plot.bottom) + 6).contains(y) {
      for x in 0..<image.width { #expect(!isNear(color(image, Double(x), Double(y)), LineChart.palette[0])) }
    }
  }

  @Test func dashedLinesHaveGaps() throws {
    func share(_ isDashed: Bool) throws -> Double {
      let series = LineChart.Series(
        name: "", points: [LineChart.Point(0, 0), LineChart.Point(1, 0)], isDashed: isDashed)
      let chart = LineChart(panels: [LineChart.Panel(series: [series])])
      let layout = try #require(ChartDrawing(chart).panels.first)
      let image = try chart.draw()
      let drawn = try (0..<1000).count { index in
        let place = try #require(layout.place(LineChart.Point((Double(index) + 0.5) / 1000, 0)))
        return isNear(color(image, place.x, place.y), LineChart.palette[0])
      }
      return Double(drawn) / 1000
    }
    #expect(try share(false) == 1)
    #expect((0.4...0.8).contains(try share(true)))
  }

  @Test func aNameHasOneColourInAllPanelsAndOneEntryInTheLegend() throws {
    let a = LineChart.Series(name: "a", points: line)
    let b = LineChart.Series(name: "b", points: line)
    let drawing = try ChartDrawing(
      LineChart(panels: [LineChart.Panel(series: [a, b]), LineChart.Panel(series: [b, a])]))
    #expect(drawing.legend.map { $0.name } == ["a", "b"])
    #expect(drawing.legend.map { $0.style.color } == Array(LineChart.palette.prefix(2)))
    #expect(drawing.legend[0].x < drawing.legend[1].x)
  }

  @Test func whatCannotBeDrawnIsAUsageError() {
    let panel = LineChart.Panel(series: [LineChart.Series(name: "a", points: line)])
    var ranged = panel
    ranged.xAxis.range = 2...2
    var negative = panel
    negative.yAxis = LineChart.Axis(scale: .logarithmic, range: -1...1)
    let nothing = LineChart.Panel(series: [LineChart.Series(name: "a", points: [LineChart.Point(.nan, 1)])])
    for chart in [
      LineChart(panels: []), LineChart(panels: [LineChart.Panel(series: [])]), LineChart(panels: [panel, nothing]),
      LineChart(panels: [ranged]), LineChart(panels: [negative]), LineChart(panels: [panel], plotWidth: 10),
      LineChart(panels: [panel], scale: 0), LineChart(panels: [panel], plotWidth: 10_000, plotHeight: 10_000),
    ] {
      let error = #expect(throws: LatentError.self) { try chart.draw() }
      #expect(error?.category == .usage)
    }
  }

  @Test func textIsAsWideAsItsCharactersAndUnknownOnesAreQuestionMarks() {
    func width(_ text: String) -> Double { StrokeFont.text(text).width }
    #expect(width("") == 0)
    #expect(width("MM") > 2 * width("M"))
    #expect(width("M i") > width("Mi"))
    #expect(StrokeFont.text("é").segments == StrokeFont.text("?").segments)
    #expect(width("10^{5}") > width("10") && width("10^{5}") < width("105"))
    #expect(width("a_b") > width("a_{b}"))
    // Every printable character has strokes of its own, within the grid.
    let glyphs = (33...126).map { StrokeFont.text(String(UnicodeScalar(UInt8($0)))).segments }
    #expect(glyphs.allSatisfy { !$0.isEmpty })
    for (index, glyph) in glyphs.enumerated() {
      #expect(glyph.allSatisfy { (-12...4).contains($0.y0) && (-12...4).contains($0.y1) && $0.x0 <= 10 })
      #expect(!glyphs.dropFirst(index + 1).contains(glyph))
    }
  }

  @Test func aFileHoldsTheChart() throws {
    let folder = try TemporaryFolder()
    let chart = LineChart(panels: [LineChart.Panel(series: [LineChart.Series(name: "a", points: line)])])
    try chart.write(to: folder.file("a.png"), overwrite: false)
    #expect(try PNG.read(contentsOf: folder.file("a.png")) == chart.draw())
    #expect(throws: LatentError.self) { try chart.write(to: folder.file("a.png"), overwrite: false) }
  }
}
