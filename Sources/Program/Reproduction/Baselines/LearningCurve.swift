import LatentFileFormats
import Foundation

/// What a learner has reached after how many examples.
struct LearningCurve {
  /// One measurement.
  struct Point: Hashable {
    /// How many examples had been seen.
    var samples: Int
    /// The figure of training and of test examples, in nats per example.
    var train: Double, test: Double
  }

  /// The measurements, in order.
  private(set) var points: [Point] = []

  /// The step sizes of Adagrad that Kingma & Welling 2013 choose from (section 5).
  static let stepSizes = [0.01, 0.02, 0.1]

  /// Trains and measures at numbers of examples seen.
  init(_ learner: any Learner, at marks: [Int], measure: () throws -> (train: Double, test: Double)) throws {
    for mark in marks {
      try learner.train(until: mark)
      let figures = try measure()
      points.append(Point(samples: learner.samplesSeen, train: figures.train, test: figures.test))
    }
  }

  /// The last measurement.
  var last: Point { points.last ?? Point(samples: 0, train: .nan, test: .nan) }

  /// Whole numbers from the first to the last, at equal ratios, without repetition.
  static func marks(from first: Int, to last: Int, count: Int) -> [Int] {
    guard count > 1, first < last else { return [last] }
    let ratio = log(Double(last) / Double(first)) / Double(count - 1)
    let marks = (0..<count).map { Int((Double(first) * exp(ratio * Double($0))).rounded()) }
    return marks.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// The step size with the best bound of training examples after a short run from the same start, as the paper chooses it.
  ///
  /// - Parameter run: trains with a step size and returns the bound, larger is better; one that fails is passed over.
  static func bestStepSize(_ run: (Double) throws -> Double) throws -> Double {
    var best = (stepSize: stepSizes[0], bound: -Double.infinity)
    for stepSize in stepSizes {
      let bound = try run(stepSize)
      if bound > best.bound { best = (stepSize, bound) }
    }
    return best.stepSize
  }

  /// The two lines of a chart, test examples solid and training examples dashed.
  func series(_ name: String, color: String) -> [LineChart.Series] {
    [
      LineChart.Series(
        name: "\(name), test", points: points.map { LineChart.Point(Double($0.samples), $0.test) }, color: color),
      LineChart.Series(
        name: "\(name), train", points: points.map { LineChart.Point(Double($0.samples), $0.train) }, color: color,
        isDashed: true),
    ]
  }
}
