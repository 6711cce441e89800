import LatentDiagnostics

/// Line plots, several side by side, as one picture of vectors (SVG 1.1).
///
/// All panels have plots of one size, and one legend below them names the series; a name has the same colour in every
/// panel.
package struct LineChart: Sendable {
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
    /// The colour, as SVG writes it; nil for the next of `LineChart.palette`.
    package var color: String?
    /// Whether the line is dashed.
    package var isDashed: Bool

    /// Creates a series; without a colour it gets one by its place in the panel.
    package init(name: String, points: [Point], color: String? = nil, isDashed: Bool = false) {
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
  /// The size of each plot between its axes, in pixels before the picture is scaled.
  package var plotWidth: Double, plotHeight: Double

  /// Colours that differ for colour-blind readers too.
  ///
  /// Source: Okabe, Ito, "Color Universal Design" (2008), yellow darkened for white paper.
  package static let palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#b48c00", "#3c3c3c"]

  /// Creates a chart of panels side by side.
  package init(panels: [Panel], plotWidth: Double = 220, plotHeight: Double = 180) {
    self.panels = panels
    self.plotWidth = plotWidth
    self.plotHeight = plotHeight
  }
}
