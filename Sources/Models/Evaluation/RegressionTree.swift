/// A regression tree of three levels of questions over codes, grown for least squares.
///
/// Each question compares one latent with a threshold, and is the one that reduces the squared error most; a node whose
/// error cannot be reduced asks none, and all its examples go left.
struct RegressionTree {
  /// The levels of questions.
  static let depth = 3
  /// The number of leaves, 2^depth.
  static let leafCount = 1 << depth

  /// A question of a node.
  private struct Question {
    var latent = 0
    /// Examples whose latent is below it go left.
    var threshold = Float.infinity
  }

  /// The questions level by level; the children of node i are 2 i + 1 and 2 i + 2.
  private var questions = [Question](repeating: Question(), count: leafCount - 1)
  /// How much the questions about each latent reduce the sum of squared errors.
  private(set) var gains: [Double]
  /// The leaf of each training example.
  private(set) var leaves: [UInt8]
  /// The value of each leaf.
  var values = [Double](repeating: 0, count: leafCount)

  /// The least reduction that is not taken for a rounding error, for targets within -1...1.
  private static let leastGain = 1e-9

  /// Grows a tree that tells targets from codes; the leaves' values are left to the caller.
  init(_ codes: SortedCodes, targets: [Double]) {
    gains = Array(repeating: 0, count: codes.columns.count)
    leaves = Array(repeating: 0, count: codes.count)
    for level in 0..<Self.depth { grow(level, codes, targets) }
  }

  /// What is known of a node while its examples go by in the order of one latent.
  private struct Scan {
    var total = 0.0
    var count = 0.0
    var sum = 0.0
    var passed = 0.0
    var last = Float.infinity
    var best = leastGain
    var threshold = Float.infinity
  }

  /// Splits all nodes of a level; `leaves` holds each example's place among them, then among their children.
  private mutating func grow(_ level: Int, _ codes: SortedCodes, _ targets: [Double]) {
    let nodes = 1 << level
    var fresh = [Scan](repeating: Scan(), count: nodes)
    for (leaf, target) in zip(leaves, targets) {
      fresh[Int(leaf)].total += target
      fresh[Int(leaf)].count += 1
    }
    let scans = codes.columns.indices.map { Self.scan(fresh, $0, codes, leaves, targets) }
    for node in 0..<nodes {
      let best = scans.reduce(0) { max($0, $1[node].best) }
      // Where latents part a node equally well, as any part two examples, the first asks and all share the credit.
      let equals = scans.indices.filter {
        scans[$0][node].threshold < .infinity && scans[$0][node].best >= best * (1 - 1e-9)
      }
      guard let first = equals.first else { continue }
      questions[nodes - 1 + node] = Question(latent: first, threshold: scans[first][node].threshold)
      for latent in equals { gains[latent] += best / Double(equals.count) }
    }
    let asked = questions[nodes - 1..<2 * nodes - 1]
    for example in leaves.indices { leaves[example] = Self.child(leaves[example], asked, codes.columns, example) }
  }

  /// Tries every threshold of one latent in all nodes at once.
  private static func scan(
    _ fresh: [Scan], _ latent: Int, _ codes: SortedCodes, _ leaves: [UInt8], _ targets: [Double]
  ) -> [Scan] {
    var scans = fresh
    let values = codes.columns[latent]
    scans.withUnsafeMutableBufferPointer { scans in
      for example in codes.orders[latent] {
        let example = Int(example)
        let node = Int(leaves[example])
        let value = values[example]
        let (passed, count, sum) = (scans[node].passed, scans[node].count, scans[node].sum)
        if passed > 0, value > scans[node].last {
          // The error falls by the squared difference of both sides' means, times the product of their counts over the
          // sum; the division waits until it is needed.
          let difference = sum * count - scans[node].total * passed
          let scale = passed * (count - passed) * count
          if difference * difference > scans[node].best * scale {
            scans[node].best = difference * difference / scale
            scans[node].threshold = between(scans[node].last, value)
          }
        }
        scans[node].sum = sum + targets[example]
        scans[node].passed = passed + 1
        scans[node].last = value
      }
    }
    return scans
  }

  private static func child(
    _ node: UInt8, _ asked: ArraySlice<Question>, _ columns: [[Float]], _ example: Int
  ) -> UInt8 {
    let question = asked[asked.startIndex + Int(node)]
    return node << 1 | (columns[question.latent][example] < question.threshold ? 0 : 1)
  }

  /// Frees what only growing needs.
  mutating func forgetExamples() { leaves = [] }

  /// The values that the tree gives to codes, laid out latent by latent, times a factor, added to what is there.
  func add(to totals: inout [Double], columns: [[Float]], times factor: Double) {
    for example in totals.indices {
      var place: UInt8 = 0
      for level in 0..<Self.depth {
        place = Self.child(place, questions[(1 << level) - 1..<(2 << level) - 1], columns, example)
      }
      totals[example] += factor * values[Int(place)]
    }
  }
}
