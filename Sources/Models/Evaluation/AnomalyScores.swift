import LatentDiagnostics

/// How unlike what a model was trained on examples are, and how often held-out examples are as unlike or more.
public struct AnomalyScores: Hashable, Sendable {
  /// The negative log-likelihood of each example, in nats, or what stands for it; larger is more unlike.
  public let scores: [Double]
  /// The share of held-out examples with a score as large or larger: of examples like those, p-values below a level are as often as it
  /// says (conformal p-values, Bates et al. 2023, section 1.2).
  public let pValues: [Double]

  /// Sets scores against those of held-out examples.
  ///
  /// - Parameter isAmongHeldOut: whether the scores are those of the held-out examples themselves.
  public init(_ scores: [Double], heldOut: [Double], isAmongHeldOut: Bool = false) {
    self.scores = scores
    let sorted = heldOut.sorted()
    // An example is one more of those that it is compared with.
    let own = isAmongHeldOut ? 0 : 1
    pValues = scores.map { score in
      let smaller = Self.firstIndex(in: sorted, notBelow: score)
      return Double(sorted.count - smaller + own) / Double(sorted.count + own)
    }
  }

  /// The places of examples, the most unlike first.
  public var worstFirst: [Int] { scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) } }

  /// How often an anomaly has a larger score than an example that is none: the area under the receiver operating characteristic,
  /// 0.5 by chance (Hanley & McNeil 1982); ties count half.
  ///
  /// - Returns: `nil` where there are no anomalies, or nothing else.
  public static func separation(_ scores: [Double], isAnomaly: [Bool]) -> Double? {
    require(scores.count == isAnomaly.count, "\(scores.count) scores for \(isAnomaly.count) examples")
    let usual = zip(scores, isAnomaly).filter { !$1 }.map(\.0).sorted()
    let anomalies = zip(scores, isAnomaly).filter(\.1).map(\.0)
    guard !usual.isEmpty, !anomalies.isEmpty else { return nil }
    let wins = anomalies.reduce(0.0) { sum, score in
      let below = firstIndex(in: usual, notBelow: score)
      var end = below
      while end < usual.count, usual[end] == score { end += 1 }
      return sum + Double(below) + Double(end - below) / 2
    }
    return wins / Double(usual.count) / Double(anomalies.count)
  }

  private static func firstIndex(in sorted: [Double], notBelow value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
