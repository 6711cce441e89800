import Foundation
import LatentDiagnostics
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@testable import LatentFileFormats

@Suite struct LineChartTests {
  private let line = (0...20).map { LineChart.Point(Double($0), sin(Double($0) / 3)) }

  /// The elements of a picture that is well-formed XML.
  private func elements(_ chart: LineChart) throws -> [(name: String, attributes: [String: String])] {
    final class Reader: NSObject, XMLParserDelegate {
      var elements: [(name: String, attributes: [String: String])] = []
      func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
      ) { elements.append((name, attributes)) }
    }
    let reader = Reader()
    let parser = XMLParser(data: Data(try chart.svg().utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    return reader.elements
  }

  /// The lines of the series, each as its parts, each of them as its points.
  private func lines(_ chart: LineChart) throws -> [[[(x: Double, y: Double)]]] {
    try elements(chart).filter { $0.attributes["clip-path"] != nil }.map { element in
      (element.attributes["d"] ?? "").split(separator: "M").map { part in
        part.split(separator: "L").map { point in
          let numbers = point.split(separator: " ").compactMap { Double($0) }
          return (numbers.first ?? .nan, numbers.last ?? .nan)
        }
      }
    }
  }

  /// The plot of the first panel.
  private func plot(_ chart: LineChart) throws -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    let all = try elements(chart)
    let clip = try #require(all.firstIndex { $0.name == "clipPath" })
    let box = all[clip + 1].attributes.compactMapValues(Double.init)
    let (x, y) = (try #require(box["x"]), try #require(box["y"]))
    return (x...(x + (try #require(box["width"]))), y...(y + (try #require(box["height"]))))
  }

  private func chart(
    _ points: [LineChart.Point], x: LineChart.Axis = .init(), y: LineChart.Axis = .init(), isDashed: Bool = false
  ) -> LineChart {
    let series = LineChart.Series(name: "a", points: points, isDashed: isDashed)
    return LineChart(panels: [LineChart.Panel(xAxis: x, yAxis: y, series: [series])])
  }

  @Test func theHighestPointIsUppermostAndTheLastRightmost() throws {
    let points = [LineChart.Point(1, 5), LineChart.Point(10, 50), LineChart.Point(1000, 7)]
    for scale in LineChart.AxisScale.allCases {
      let chart = chart(points, x: .init(scale: scale), y: .init(scale: scale))
      let places = try #require(lines(chart).first?.first)
      #expect(places[0].x < places[1].x && places[1].x < places[2].x)
      #expect(places[1].y < places[2].y && places[2].y < places[0].y)
      // Equal ratios are equal distances, and equal differences are.
      let ratio = (places[2].x - places[0].x) / (places[1].x - places[0].x)
      #expect(abs(ratio - (scale == .linear ? 111 : 3)) < 0.05 * ratio)
      let plot = try plot(chart)
      #expect(places.allSatisfy { plot.x.contains($0.x) && plot.y.contains($0.y) })
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
    let parts = try #require(lines(chart(broken)).first)
    // A point by itself is a stroke of no length, whose round ends are a dot.
    #expect(parts.map(\.count) == [2, 2, 2])
    #expect(parts[2][0] == parts[2][1])
    let positive = [LineChart.Point(0, 1), LineChart.Point(-1, 2), LineChart.Point(5, 3)]
    #expect(try lines(chart(positive, x: .init(scale: .logarithmic))).first?.map(\.count) == [2])
  }

  @Test(arguments: [
    [LineChart.Point(3, 7)], [LineChart.Point(0, 0)], [LineChart.Point(1, 4), LineChart.Point(2, 4)],
    [LineChart.Point(2, 1), LineChart.Point(2, 5)], [LineChart.Point(-1e99, 1e-99), LineChart.Point(1e99, 2e-99)],
    [LineChart.Point(1, 1), LineChart.Point(2, 1 + 1e-15)],
  ])
  func extremePointsCanBeDrawn(points: [LineChart.Point]) throws {
    let chart = chart(points)
    let plot = try plot(chart)
    for point in try lines(chart).joined().joined() {
      #expect(plot.x.contains(point.x) && plot.y.contains(point.y))
    }
  }

  /// What is outside of a range that was asked for is clipped, and does not spoil the margin.
  @Test func linesAreCutOffAtTheRange() throws {
    let wide = chart([LineChart.Point(0, -1e50), LineChart.Point(1, 1e50)], y: .init(range: 0...1))
    #expect(try elements(wide).contains { $0.attributes["clip-path"] == "url(#plot0)" })
    #expect(try plot(wide) == plot(chart([LineChart.Point(0, 0), LineChart.Point(1, 1)], y: .init(range: 0...1))))
  }

  @Test func seriesLookAsTheyAreAskedToAndTheLegendNamesEachOnce() throws {
    let series = [
      LineChart.Series(name: "a & b", points: line), LineChart.Series(name: "<c>", points: line, isDashed: true),
    ]
    let chart = LineChart(
      panels: [
        LineChart.Panel(title: "\"one\"", series: series),
        LineChart.Panel(series: series + [LineChart.Series(name: "d", points: line, color: "#c80000")]),
      ])
    let all = try elements(chart)
    let drawn = all.filter { $0.attributes["clip-path"] != nil }.map(\.attributes)
    #expect(drawn.compactMap { $0["stroke"] } == ["#0072b2", "#d55e00", "#0072b2", "#d55e00", "#c80000"])
    #expect(drawn.map { $0["stroke-dasharray"] != nil } == [false, true, false, true, false])
    #expect(drawn.map { $0["clip-path"] } == [0, 0, 1, 1, 1].map { "url(#plot\($0))" })
    let text = try chart.svg()
    for name in ["a &amp; b", "&lt;c>", "d", "&quot;one&quot;"] {
      #expect(text.components(separatedBy: ">\(name)</text>").count == 2, "\(name)")
    }
  }

  @Test func chartsThatCannotBeDrawnAreRefused() {
    let panel = LineChart.Panel(series: [LineChart.Series(name: "a", points: line)])
    let nothing = LineChart.Panel(series: [LineChart.Series(name: "a", points: [LineChart.Point(.nan, 1)])])
    for wrong in [
      LineChart(panels: []), LineChart(panels: [panel, nothing]), chart(line, x: .init(range: 1...1)),
      chart(line, y: .init(scale: .logarithmic, range: -1...1)),
    ] {
      let error = #expect(throws: LatentError.self) { try wrong.svg() }
      #expect(error?.category == .usage)
    }
  }

  @Test func aFileHoldsTheChart() throws {
    let folder = try TemporaryFolder()
    try chart(line).write(to: folder.file("a.svg"))
    #expect(try String(contentsOfFile: folder.file("a.svg"), encoding: .utf8) == chart(line).svg())
  }
}
