import LatentDiagnostics

/// Line plots, several side by side, as one picture.
///
/// All panels have plots of one size, and one legend below them names the series; a name has the same colour in every
/// panel. Texts are ASCII; `^{…}` raises and `_{…}` lowers what stands between the braces.
package struct LineChart: Sendable {
  /// A colour of 8-bit samples.
  package struct Color: Sendable, Hashable {
    /// The share of red, green, and blue.
    package var red: UInt8, green: UInt8, blue: UInt8

    /// Creates a colour from its parts, each from 0 to 255.
    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
      self.red = red
      self.green = green
      self.blue = blue
    }
  }

  /// One point of a series, in the units of the axes.
  package struct Point: Sendable, Equatable {
    /// The place along the horizontal and the vertical axis.
    package var x: Double, y: Double

    /// Creates a point from its values along the horizontal and the vertical axis.
    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// One line of a plot: points joined in their order, with a name in the legend.
  package struct Series: Sendable {
    /// What the legend calls it.
    package var name: String
    /// The points in the order in which they are joined. One that has no place on the axes (not a number, infinite, or
    /// not positive on a logarithmic axis) is left out and interrupts the line.
    package var points: [Point]
    /// The colour; nil for the next of `LineChart.palette`.
    package var color: Color?
    /// Whether the line is dashed.
    package var isDashed: Bool

    /// Creates a series; without a colour it gets one by its place in the panel.
    package init(name: String, points: [Point], color: Color? = nil, isDashed: Bool = false) {
      self.name = name
      self.points = points
      self.color = color
      self.isDashed = isDashed
    }
  }

  /// How values become places.
  package enum AxisScale: String, Sendable, CaseIterable {
    /// Equal distances for equal differences.
    case linear
    /// Equal distances for equal ratios.
    case logarithmic
  }

  /// One axis of a panel: its title, scale, and range.
  package struct Axis: Sendable {
    /// What is measured, in what unit.
    package var title: String
    /// How values become places.
    package var scale: AxisScale
    /// What is shown; nil for all points and a little more. Lines are cut off at its ends.
    package var range: ClosedRange<Double>?

    /// Creates an axis; without a range it spans the points.
    package init(title: String = "", scale: AxisScale = .linear, range: ClosedRange<Double>? = nil) {
      self.title = title
      self.scale = scale
      self.range = range
    }
  }

  /// One plot of a chart: two axes and the series between them.
  package struct Panel: Sendable {
    /// The line of text above the plot; none if it is empty.
    package var title: String
    /// The horizontal axis.
    package var xAxis: Axis
    /// The vertical axis.
    package var yAxis: Axis
    /// The lines, drawn in this order.
    package var series: [Series]

    /// Creates a plot of some series.
    package init(title: String = "", xAxis: Axis = Axis(), yAxis: Axis = Axis(), series: [Series]) {
      self.title = title
      self.xAxis = xAxis
      self.yAxis = yAxis
      self.series = series
    }
  }

  /// The plots from left to right.
  package var panels: [Panel]
  /// The width of each plot between its axes, in units of `scale` pixels.
  package var plotWidth: Int
  /// The height of each plot between its axes, in units of `scale` pixels.
  package var plotHeight: Int
  /// The number of pixels to a unit: 1 for a small picture, 2 or 3 for print.
  package var scale: Int

  /// Colours that differ for colour-blind readers too.
  ///
  /// Source: Okabe, Ito, "Color Universal Design" (2008), yellow darkened for white paper.
  package static let palette = [
    Color(0, 114, 178), Color(213, 94, 0), Color(0, 158, 115), Color(204, 121, 167), Color(86, 180, 233),
    Color(180, 140, 0), Color(60, 60, 60),
  ]

  /// Creates a chart of panels side by side; sizes are in pixels before they are multiplied by `scale`.
  package init(panels: [Panel], plotWidth: Int = 220, plotHeight: Int = 180, scale: Int = 2) {
    self.panels = panels
    self.plotWidth = plotWidth
    self.plotHeight = plotHeight
    self.scale = scale
  }

  /// Draws the chart in colour on white.
  ///
  /// - Throws: A `LatentError` when there are no panels, a panel has no point to draw, the range of an axis is not one,
  ///   or the picture would be too large.
  package func draw() throws -> Image { try ChartDrawing(self).image() }

  /// Draws the chart into a PNG file.
  ///
  /// - Throws: What `draw()` throws, and a `LatentError` naming the file when it exists and `overwrite` is false, or
  ///   cannot be written.
  package func write(to path: String, overwrite: Bool) throws { try PNG.write(draw(), to: path, overwrite: overwrite) }
}
