/// Linear support vector machines on a single feature, one for each level against the others.
///
/// Each minimises (w^2 + b^2) / 2 + C * sum of c_n * max(0, 1 - y_n (w x_n + b))^2 with C = 0.01, where examples of
/// the level have y = 1 and c inversely proportional to the level's frequency, the others y = -1 and c = 1. That is the
/// problem which `LinearSVC(C=0.01, class_weight="balanced")` hands to LIBLINEAR; two levels are one machine with both
/// weighted. In two unknowns Newton's method finds the minimum in a few passes.
struct LinearSupportVectorMachines {
  /// One line w x + b, which is high where its level is likely.
  struct Line {
    var slope: Double
    var intercept: Double
    func callAsFunction(_ x: Double) -> Double { slope * x + intercept }
  }

  /// The levels among the training examples.
  private let levels: [Int]
  /// The lines of the levels in their order, or of two levels that of the second.
  let lines: [Line]

  private static let cost = 0.01

  /// Learns from values and their levels.
  init(_ values: [Float], _ labels: [Int], levels: Int) {
    var counts = [Int](repeating: 0, count: levels)
    for label in labels { counts[label] += 1 }
    let present = (0..<levels).filter { counts[$0] > 0 }
    let x = values.map(Double.init)
    func weight(_ level: Int) -> Double { Double(labels.count) / (Double(present.count) * Double(counts[level])) }
    self.levels = present
    switch present.count {
    case 0, 1: lines = []
    case 2:
      lines = [Self.fit(x, labels.map { $0 == present[1] }, weight(present[1]), weight(present[0]))]
    default:
      lines = present.map { level in Self.fit(x, labels.map { $0 == level }, weight(level), 1) }
    }
  }

  /// The level whose line is highest.
  func predict(_ value: Float) -> Int {
    switch lines.count {
    case 0: return levels.first ?? 0
    case 1: return levels[lines[0](Double(value)) > 0 ? 1 : 0]
    default:
      let heights = lines.map { $0(Double(value)) }
      return levels[heights.indices.reduce(0) { heights[$1] > heights[$0] ? $1 : $0 }]
    }
  }

  private static func fit(_ x: [Double], _ isPositive: [Bool], _ positive: Double, _ negative: Double) -> Line {
    /// The objective at a line, its gradient, and its second derivatives (over both w, over both b, over w and b).
    func evaluate(_ line: Line) -> (value: Double, gradient: (Double, Double), curvature: (Double, Double, Double)) {
      var value = 0.5 * (line.slope * line.slope + line.intercept * line.intercept)
      var gradient = (line.slope, line.intercept)
      var curvature = (1.0, 1.0, 0.0)
      for index in x.indices {
        let sign = isPositive[index] ? 1.0 : -1.0
        let slack = 1 - sign * line(x[index])
        guard slack > 0 else { continue }
        let weight = cost * (isPositive[index] ? positive : negative)
        value += weight * slack * slack
        let pull = 2 * weight * slack * sign
        gradient.0 -= pull * x[index]
        gradient.1 -= pull
        curvature.0 += 2 * weight * x[index] * x[index]
        curvature.1 += 2 * weight
        curvature.2 += 2 * weight * x[index]
      }
      return (value, gradient, curvature)
    }
    var line = Line(slope: 0, intercept: 0)
    var current = evaluate(line)
    for _ in 0..<100 {
      let (a, d, b) = current.curvature
      let determinant = a * d - b * b
      let stepSlope = (d * current.gradient.0 - b * current.gradient.1) / determinant
      let stepIntercept = (a * current.gradient.1 - b * current.gradient.0) / determinant
      let decrease = stepSlope * current.gradient.0 + stepIntercept * current.gradient.1
      guard decrease > 1e-12 * (1 + current.value) else { return line }
      var fraction = 1.0
      while true {
        let candidate = Line(
          slope: line.slope - fraction * stepSlope, intercept: line.intercept - fraction * stepIntercept)
        let next = evaluate(candidate)
        if next.value <= current.value - 0.1 * fraction * decrease {
          line = candidate
          current = next
          break
        }
        fraction /= 2
        if fraction < 1e-6 { return line }
      }
    }
    return line
  }
}
