/// Cuts the line into one interval for each level, in the order of the levels' means, so that the mean over the levels of
/// the share of training examples in their own interval is the greatest possible.
///
/// An interval may be empty. The best cuts are found exactly, by dynamic programming over the sorted examples.
struct IntervalClassifier {
  /// Where one interval ends and the next begins, ascending.
  private let cuts: [Float]
  /// The level of each interval.
  private let levels: [Int]

  /// Learns from values and their levels.
  init(_ values: [Float], _ labels: [Int], levels: Int) {
    var counts = [Double](repeating: 0, count: levels)
    var sums = counts
    for (value, label) in zip(values, labels) {
      counts[label] += 1
      sums[label] += Double(value)
    }
    let order = (0..<levels).filter { counts[$0] > 0 }
      .sorted { (sums[$0] / counts[$0], $0) < (sums[$1] / counts[$1], $1) }
    self.levels = order
    let examples = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    let count = examples.count

    // best[i] is the best score when the first i examples lie in the intervals so far; start[k][i] is where interval k
    // then begins. Equal values must not be cut apart.
    func mayCut(_ place: Int) -> Bool {
      place == 0 || place == count || values[examples[place - 1]] < values[examples[place]]
    }
    var best = (0...count).map { $0 == 0 ? 0.0 : -.infinity }
    var start: [[Int32]] = []
    for level in order {
      var starts = [Int32](repeating: 0, count: count + 1)
      var next = best
      var inside = 0.0
      var topScore = -Double.infinity
      var top = 0
      for place in 0...count {
        if place > 0, labels[examples[place - 1]] == level { inside += 1 / counts[level] }
        if best[place] - inside > topScore {
          topScore = best[place] - inside
          top = place
        }
        starts[place] = Int32(top)
        next[place] = mayCut(place) ? topScore + inside : -.infinity
      }
      best = next
      start.append(starts)
    }
    var end = count
    var cuts: [Float] = []
    for starts in start.dropFirst().reversed() {
      end = Int(starts[end])
      switch end {
      case 0: cuts.append(-.infinity)
      case count: cuts.append(.infinity)
      default: cuts.append(between(values[examples[end - 1]], values[examples[end]]))
      }
    }
    self.cuts = cuts.reversed()
  }

  /// The level of the interval that a value lies in.
  func predict(_ value: Float) -> Int {
    // The last cut at or below the value begins its interval.
    var low = 0
    var high = cuts.count
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return levels.isEmpty ? 0 : levels[low]
  }
}

/// A number above one value and at most another, half-way between them where floating point has such a number.
func between(_ lower: Float, _ upper: Float) -> Float {
  let middle = lower / 2 + upper / 2
  return middle > lower ? middle : upper
}
