import Foundation

/// Statistics that tell whether draws come from a distribution, each to be held against its 1 % point.
enum GoodnessOfFit {
  /// The 1 % point of Kolmogorov's distribution, for many draws.
  static let kolmogorovOnePercent = 1.63

  /// The largest distance between the distribution functions of draws and of cells, times the root of the number of draws.
  ///
  /// - Parameters:
  ///   - draws: real numbers.
  ///   - probabilities: of equal cells, each taken as uniform.
  ///   - range: what the cells divide.
  static func kolmogorovSmirnov(
    _ draws: [Double], _ probabilities: [Double], over range: ClosedRange<Double>
  ) -> Double {
    let total = probabilities.reduce(0, +)
    var sums = [0.0]
    for probability in probabilities { sums.append(sums[sums.count - 1] + probability / total) }
    let width = (range.upperBound - range.lowerBound) / Double(probabilities.count)
    let count = Double(draws.count)
    let distance = draws.sorted().enumerated().reduce(0.0) { worst, entry in
      let place = min(max((entry.element - range.lowerBound) / width, 0), Double(probabilities.count))
      let cell = min(Int(place), probabilities.count - 1)
      let exact = sums[cell] + (place - Double(cell)) * (sums[cell + 1] - sums[cell])
      let rank = Double(entry.offset)
      return max(worst, abs(exact - rank / count), abs(exact - (rank + 1) / count))
    }
    return distance * count.squareRoot()
  }

  /// Pearson's statistic over its 1 % point, with neighbouring values joined until ten draws are expected.
  ///
  /// - Parameters:
  ///   - draws: vectors, each among the values; others count together, and are expected with the rest of the probability.
  static func chiSquaredOverOnePercent(
    _ draws: [[Double]], _ values: [[Double]], _ probabilities: [Double]
  ) -> Double {
    var observed = [[Int]: Double](minimumCapacity: values.count)
    for draw in draws { observed[key(draw), default: 0] += 1 }
    let count = Double(draws.count)
    var bins: [(observed: Double, expected: Double)] = [(0, 0)]
    var seen = 0.0
    for (value, probability) in zip(values, probabilities) {
      let hits = observed[key(value)] ?? 0
      seen += hits
      let last = bins.count - 1
      bins[last].observed += hits
      bins[last].expected += probability * count
      if bins[last].expected >= 10 { bins.append((0, 0)) }
    }
    // What is left over at the end joins the bin before it.
    let rest = bins.removeLast()
    if bins.isEmpty { bins.append((0, 0)) }
    let last = bins.count - 1
    bins[last].observed += rest.observed + count - seen
    bins[last].expected += rest.expected + max(0, 1 - probabilities.reduce(0, +)) * count
    guard bins.count > 1 else { return abs(bins[0].observed - count) < 0.5 ? 0 : .infinity }
    let statistic = bins.reduce(0) { $0 + ($1.observed - $1.expected) * ($1.observed - $1.expected) / $1.expected }
    return statistic / onePercentPoint(degrees: Double(bins.count - 1))
  }

  /// The mean of numbers and its standard error.
  static func meanAndError(_ values: [Double]) -> (mean: Double, error: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    return (mean, (variance / count).squareRoot())
  }

  /// The number that a chi-squared number exceeds in one case of a hundred (Wilson & Hilferty 1931).
  static func onePercentPoint(degrees: Double) -> Double {
    let spread = 2 / (9 * degrees)
    return degrees * pow(1 - spread + 2.326_348 * spread.squareRoot(), 3)
  }

  /// Values that differ by more than rounding have different keys.
  private static func key(_ value: [Double]) -> [Int] { value.map { Int(($0 * 4096).rounded()) } }
}
