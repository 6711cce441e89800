/// What guesses a factor from one latent in the SAP score.
package enum OneLatentClassifier: String, Sendable, CaseIterable {
  /// A linear support vector machine for each level against the others, as in Locatello and others (2019).
  ///
  /// Its decisions are lines over the latent, of which the highest wins, so that levels in the middle of many are
  /// rarely found: scores are low even for good codes.
  case supportVectorMachines
  /// One interval of the latent for each level, the best possible on the training examples, as in Kumar and others (2018).
  case intervals

  /// The accuracy on test examples after learning from training examples; labels are levels counted from 0.
  func accuracy(training: ([Float], [Int]), test: ([Float], [Int]), levels: Int) -> Double {
    switch self {
    case .supportVectorMachines:
      let machines = LinearSupportVectorMachines(training.0, training.1, levels: levels)
      return Disentanglement.accuracy(test.0.map(machines.predict), test.1)
    case .intervals:
      let intervals = IntervalClassifier(training.0, training.1, levels: levels)
      return balancedAccuracy(test.0.map(intervals.predict), test.1, levels: levels)
    }
  }

  /// The mean over the levels of the share that is recognised; levels that do not occur are left out.
  private func balancedAccuracy(_ predictions: [Int], _ labels: [Int], levels: Int) -> Double {
    var right = [Double](repeating: 0, count: levels)
    var all = right
    for (prediction, label) in zip(predictions, labels) {
      all[label] += 1
      if prediction == label { right[label] += 1 }
    }
    let shares = (0..<levels).filter { all[$0] > 0 }.map { right[$0] / all[$0] }
    return shares.reduce(0, +) / Double(shares.count)
  }
}
