import Foundation

/// A classifier that adds up small regression trees, each fitted to what the ones before it left unexplained.
///
/// One tree for each class and round, for the multinomial deviance, from the classes' frequencies on. Rounds, learning
/// rate, depth, leaf values, and importances are those of scikit-learn's `GradientBoostingClassifier` as it comes.
///
/// Source: Friedman, "Greedy Function Approximation: A Gradient Boosting Machine" (2001), algorithm 6.
struct GradientBoosting {
  /// The share of the reduction of squared error that questions about each latent brought; sums to 1, or is all 0.
  private(set) var importances: [Double]
  /// The labels that occur among the training examples.
  private let classes: [Int]
  /// The logarithm of each class's frequency.
  private var offsets: [Double]
  /// Trees by round, then class.
  private var trees: [[RegressionTree]] = []
  private let learningRate: Double

  /// Fits to codes and their labels.
  init(_ codes: SortedCodes, labels: [Int], rounds: Int = 100, learningRate: Double = 0.1) {
    self.learningRate = learningRate
    importances = Array(repeating: 0, count: codes.columns.count)
    classes = Set(labels).sorted()
    let isMember = classes.map { label in labels.map { $0 == label } }
    offsets = isMember.map { log(Double($0.count { $0 }) / Double(labels.count)) }
    guard classes.count > 1 else { return }
    var scores = offsets.map { Array(repeating: $0, count: codes.count) }
    for _ in 0..<rounds {
      let probabilities = Self.probabilities(scores)
      var round: [RegressionTree] = []
      for place in classes.indices {
        let residuals = zip(isMember[place], probabilities[place]).map { ($0 ? 1 : 0) - $1 }
        var tree = RegressionTree(codes, targets: residuals)
        tree.values = leafValues(tree, residuals)
        for example in residuals.indices {
          scores[place][example] += learningRate * tree.values[Int(tree.leaves[example])]
        }
        for (latent, gain) in tree.gains.enumerated() { importances[latent] += gain }
        tree.forgetExamples()
        round.append(tree)
      }
      trees.append(round)
    }
    let sum = importances.reduce(0, +)
    if sum > 0 { importances = importances.map { $0 / sum } }
  }

  /// The most probable label of each example.
  func predict(_ codes: CodeMatrix) -> [Int] {
    let columns = (0..<codes.width).map { codes.column($0) }
    var scores = offsets.map { Array(repeating: $0, count: codes.count) }
    for round in trees {
      for (place, tree) in round.enumerated() { tree.add(to: &scores[place], columns: columns, times: learningRate) }
    }
    return (0..<codes.count).map { example in
      classes[classes.indices.reduce(0) { scores[$1][example] > scores[$0][example] ? $1 : $0 }]
    }
  }

  /// One step of Newton's method for each leaf (Friedman's equation 34).
  private func leafValues(_ tree: RegressionTree, _ residuals: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: RegressionTree.leafCount)
    var curvatures = sums
    for (leaf, residual) in zip(tree.leaves, residuals) {
      sums[Int(leaf)] += residual
      curvatures[Int(leaf)] += abs(residual) * (1 - abs(residual))
    }
    let factor = Double(classes.count - 1) / Double(classes.count)
    return zip(sums, curvatures).map { $1 < 1e-150 ? 0 : factor * $0 / $1 }
  }

  /// The softmax over classes of scores that lie class by class.
  private static func probabilities(_ scores: [[Double]]) -> [[Double]] {
    var result = scores
    for example in scores[0].indices {
      var top = -Double.infinity
      for place in scores.indices { top = max(top, scores[place][example]) }
      var sum = 0.0
      for place in scores.indices {
        let value = exp(scores[place][example] - top)
        result[place][example] = value
        sum += value
      }
      for place in scores.indices { result[place][example] /= sum }
    }
    return result
  }
}
