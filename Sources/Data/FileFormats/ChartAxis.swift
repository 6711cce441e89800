import LatentDiagnostics
import Foundation

/// The range, the ticks, and the geometry of one axis of a chart.
struct ChartAxis {
  /// A labelled place.
  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  /// Ascending labelled places within the range, and more often than not at least two.
  private(set) var ticks: [Tick] = []
  /// Places between them that are marked but not labelled.
  private(set) var minorTicks: [Double] = []
  /// What is shown.
  let range: ClosedRange<Double>
  private let scale: LineChart.AxisScale

  /// The greatest magnitude that has a place; beyond it differences overflow.
  private static let greatest = 1e100

  /// Whether a value has a place on axes of a scale.
  static func accepts(_ value: Double, _ scale: LineChart.AxisScale) -> Bool {
    value.isFinite && abs(value) <= greatest && (scale == .linear || value > 1 / greatest)
  }

  /// Lays out an axis.
  ///
  /// - Parameters:
  ///   - values: What is drawn along it, at least one, all accepted by its scale.
  ///   - margin: The share of the range that is added at either end.
  ///   - room: About how many labels there is room for.
  /// - Throws: A `LatentError` when a range was asked for that is empty or has no place on the scale.
  init(_ axis: LineChart.Axis, values: [Double], margin: Double, room: Int) throws {
    scale = axis.scale
    if let range = axis.range {
      guard Self.accepts(range.lowerBound, scale), Self.accepts(range.upperBound, scale),
        range.lowerBound < range.upperBound
      else {
        throw LatentError.usage(
          "An axis from \(range.lowerBound) to \(range.upperBound) cannot be drawn",
          remedy: "Give two different numbers, both above 0 on a logarithmic axis")
      }
      self.range = range
    } else {
      range = Self.padded(values.min() ?? 0, values.max() ?? 0, scale, margin)
    }
    switch scale {
    case .linear: ticks = linearTicks(room)
    case .logarithmic: setLogarithmicTicks(room)
    }
  }

  /// Where a value lies between the range's lower (0) and upper end (1); outside for values beyond.
  func fraction(_ value: Double) -> Double {
    let low = position(range.lowerBound)
    return (position(value) - low) / (position(range.upperBound) - low)
  }

  private func position(_ value: Double) -> Double {
    switch scale {
    case .linear: value
    case .logarithmic: log10(value)
    }
  }

  private static func padded(
    _ least: Double, _ greatest: Double, _ scale: LineChart.AxisScale, _ margin: Double
  ) -> ClosedRange<Double> {
    switch scale {
    case .linear:
      // A range so narrow that ticks would differ in their last bits only counts as constant.
      let size = max(abs(least), abs(greatest))
      let isConstant = greatest - least <= size * 1e-12
      let added = isConstant ? (size > 0 ? size * 0.1 : 1) : (greatest - least) * margin
      return least - added...greatest + added
    case .logarithmic:
      let (low, high) = (log10(least), log10(greatest))
      let added = high - low < 1e-9 ? 0.5 : (high - low) * margin
      return pow(10, low - added)...pow(10, high + added)
    }
  }

  private func linearTicks(_ room: Int) -> [Tick] {
    let raw = (range.upperBound - range.lowerBound) / Double(max(room, 1))
    let power = pow(10, floor(log10(raw)))
    let step = ([1, 2, 5, 10].first { $0 * power >= raw * (1 - 1e-9) } ?? 10) * power
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard first <= last else { return [] }
    return (0...Int(last - first)).map { index in
      let value = (first + Double(index)) * step
      return Tick(value: value, label: Self.label(value, step: step, greatest: max(abs(first), abs(last)) * step))
    }
  }

  private mutating func setLogarithmicTicks(_ room: Int) {
    let first = Int((log10(range.lowerBound) - 1e-9).rounded(.up))
    let last = Int((log10(range.upperBound) + 1e-9).rounded(.down))
    if last > first {
      let stride = (last - first) / max(room, 1) + 1
      for exponent in first...last where (exponent - first).isMultiple(of: stride) {
        ticks.append(Tick(value: pow(10, Double(exponent)), label: "10^{\(exponent)}"))
      }
      // Where decades go without labels, they are what lies between those that have some.
      minorTicks = multiples(stride == 1 ? [2, 3, 4, 5, 6, 7, 8, 9] : [1], first - 1, last)
      return
    }
    let values = multiples([1, 2, 5], first - 1, last + 1)
    guard values.count >= 2 else {
      ticks = linearTicks(room).filter { $0.value > 0 }
      return
    }
    ticks = values.map { Tick(value: $0, label: Self.plain($0)) }
    minorTicks = multiples([3, 4, 6, 7, 8, 9], first - 1, last + 1)
  }

  /// The multiples of powers of ten within the range, ascending.
  private func multiples(_ factors: [Double], _ first: Int, _ last: Int) -> [Double] {
    (first...last).flatMap { exponent in factors.map { $0 * pow(10, Double(exponent)) } }.filter { range.contains($0) }
  }

  /// A number with as many decimals as its step needs, or as a multiple of the axis's greatest power of ten
  /// where that would be long.
  private static func label(_ value: Double, step: Double, greatest: Double) -> String {
    if abs(value) < step * 1e-6 { return "0" }
    if greatest >= 1e6 || step < 1e-4 {
      let exponent = (log10(greatest) + 1e-9).rounded(.down)
      let digits = min(max(exponent - (log10(step) + 1e-9).rounded(.down), 0), 15)
      return String(format: "%.\(Int(digits))f", value / pow(10, exponent)) + "e\(Int(exponent))"
    }
    return String(format: "%.\(Int(max(0, (-log10(step) - 1e-9).rounded(.up))))f", value)
  }

  /// A number of one digit and a power of ten, as people write it.
  private static func plain(_ value: Double) -> String {
    (1e-4..<1e6).contains(value)
      ? String(format: "%.15g", (value * 1e6).rounded() / 1e6) : String(format: "%.0e", value)
  }
}
