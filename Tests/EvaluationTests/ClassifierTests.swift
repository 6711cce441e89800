import Foundation
import Latent
import Testing

@testable import LatentEvaluation

/// The classifiers behind the scores, against what is known of their optima.
@Suite struct ClassifierTests {
  /// At the minimum the gradient is zero; with a single constant feature that is a closed form.
  @Test func theSoftmaxClassifierFindsTheFrequencies() {
    let labels = [0, 0, 0, 1, 1, 2]
    let classifier = SoftmaxClassifier(
      features: Array(repeating: 0, count: 6), width: 1, labels: labels, classes: 3)
    let intercepts = [1, 3, 5].map { classifier.parameters[$0] }
    let sum = intercepts.reduce(0) { $0 + exp($1) }
    for (intercept, share) in zip(intercepts, [3.0 / 6, 2.0 / 6, 1.0 / 6]) {
      #expect(abs(exp(intercept) / sum - share) < 1e-4)
    }
    #expect([0, 2, 4].allSatisfy { classifier.parameters[$0] == 0 })
  }

  /// Two points at +-1: the weights are +-w with w = sigmoid(-2 w) for the penalty of half the squared weights.
  @Test func theSoftmaxClassifierWeighsFitAgainstWeights() {
    let classifier = SoftmaxClassifier(features: [-1, 1], width: 1, labels: [0, 1], classes: 2)
    let weight = classifier.parameters[2]
    #expect(abs(classifier.parameters[0] + weight) < 1e-6)
    #expect(abs(weight - 2 / (1 + exp(2 * weight))) < 1e-6)
    #expect(classifier.predict([-0.1, 0.1]) == [0, 1])
  }

  @Test func intervalsAreTheBestThereAre() {
    let values: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let classifier = IntervalClassifier(values, [1, 1, 0, 1, 0, 0, 2, 2], levels: 4)
    // The cut between 2 and 3 loses one of three of level 1, that between 4 and 5 one of three of level 0.
    #expect(classifier.predict(1.9) == 1)
    #expect(classifier.predict(5) == 0)
    #expect(classifier.predict(6.4) == 0)
    #expect(classifier.predict(6.6) == 2)
    #expect(classifier.predict(100) == 2)
  }

  /// The best cut would be between the third and the fourth, but they are equal.
  @Test func equalValuesAreNotCutApart() {
    let classifier = IntervalClassifier([1, 1, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1], levels: 2)
    #expect(classifier.predict(1) == 0)
    #expect(classifier.predict(2) == 1)
    let constant = IntervalClassifier([3, 3, 3], [1, 1, 1], levels: 2)
    #expect(constant.predict(-5) == 1)
  }

  /// All cuts tried, on few points.
  @Test(arguments: 0..<20) func intervalsReachTheScoreOfASearch(seed: Int) {
    let values = SyntheticCodes.normals(12, seed: UInt64(seed))
    let labels = SyntheticCodes.normals(12, seed: UInt64(seed) + 100).map { $0 < -0.4 ? 0 : $0 < 0.4 ? 1 : 2 }
    let classifier = IntervalClassifier(values, labels, levels: 3)
    func score(_ predict: (Float) -> Int) -> Double {
      let present = Set(labels)
      return present.reduce(0.0) { sum, level in
        let members = values.indices.filter { labels[$0] == level }
        return sum + Double(members.count { predict(values[$0]) == level }) / Double(members.count)
      }
    }
    let means = (0..<3).map { level -> Float in
      let members = values.indices.filter { labels[$0] == level }
      return members.isEmpty ? .infinity : members.reduce(0) { $0 + values[$1] } / Float(members.count)
    }
    let order = [0, 1, 2].sorted { means[$0] < means[$1] }
    let cuts = [-Float.infinity] + values.sorted().map { $0 - 1e-4 } + [.infinity]
    var best = 0.0
    for first in cuts {
      for second in cuts where second >= first {
        best = max(best, score { $0 < first ? order[0] : $0 < second ? order[1] : order[2] })
      }
    }
    #expect(abs(score(classifier.predict) - best) < 1e-9)
  }

  /// Two points at +-1, both of weight 1: (w^2) / 2 + 0.02 (1 - w)^2 is least at w = 0.04 / 1.04.
  @Test func twoLevelsAreToldApartByTheirMiddle() {
    let machines = LinearSupportVectorMachines([-1, 1], [4, 7], levels: 8)
    #expect(machines.lines.count == 1)
    #expect(abs(machines.lines[0].slope - 0.04 / 1.04) < 1e-9)
    #expect(abs(machines.lines[0].intercept) < 1e-9)
    #expect(machines.predict(-0.01) == 4)
    #expect(machines.predict(0.01) == 7)
    let shifted = LinearSupportVectorMachines(
      (0..<1000).map { $0 % 2 == 0 ? 9 : 11 }, (0..<1000).map { $0 % 2 }, levels: 2)
    #expect(shifted.predict(9.2) == 0)
    #expect(shifted.predict(10.8) == 1)
  }

  /// Without a feature, (b^2) / 2 + C (p (1 - b)^2 + q (1 + b)^2) is least at b = 2 C (p - q) / (1 + 2 C (p + q)), where
  /// a level of any frequency has p = n / 3, and q is the number of the others.
  @Test func threeLevelsAreWeighedByTheirFrequencies() {
    let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    let machines = LinearSupportVectorMachines(Array(repeating: 0, count: 12), labels, levels: 3)
    for (line, others) in zip(machines.lines, [6.0, 9, 9]) {
      #expect(abs(line.intercept - 0.02 * (4 - others) / (1 + 0.02 * (4 + others))) < 1e-9)
      #expect(line.slope == 0)
    }
    #expect(machines.predict(1) == 0)
  }

  @Test func oneLevelIsAlwaysGuessed() {
    #expect(LinearSupportVectorMachines([1, 2], [3, 3], levels: 5).predict(0) == 3)
  }

  @Test func aTreeFindsTheQuestionsBehindItsTargets() {
    // Three latents of which the last two decide, as an exclusive or would not: first by 2, then by 1.
    let rows: [[Float]] = (0..<64).map { [$0 % 4, $0 / 4 % 4, $0 / 16].map { Float($0) } }
    let codes = CodeMatrix(rows: rows)
    let targets = rows.map { row -> Double in
      if row[2] < 1.5 { return -0.7 }
      return row[1] > 0.5 ? 0.9 : 0.5
    }
    var tree = RegressionTree(SortedCodes(codes), targets: targets)
    #expect(tree.gains[0] == 0)
    #expect(tree.gains[2] > tree.gains[1] && tree.gains[1] > 0)
    // All that varies is explained: the gains sum to the squared error about the mean.
    let mean = targets.reduce(0, +) / 64
    let squares = targets.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
    #expect(abs(tree.gains.reduce(0, +) - squares) < 1e-9)
    // Prediction goes the way that training went.
    tree.values = (0..<RegressionTree.leafCount).map(Double.init)
    var places = [Double](repeating: 0, count: 64)
    tree.add(to: &places, columns: SortedCodes(codes).columns, times: 1)
    #expect(places == tree.leaves.map(Double.init))
  }

  /// The first question against all thresholds tried one by one.
  @Test(arguments: [1, 2, 3]) func theFirstQuestionIsTheBest(seed: UInt64) {
    // Rounded, so that values repeat.
    let values = SyntheticCodes.normals(80, seed: seed).map { ($0 * 4).rounded() / 4 }
    let targets = SyntheticCodes.normals(40, seed: seed + 10).map { Double($0) / 4 }
    let codes = CodeMatrix(values, width: 2)
    func error(_ places: [Int]) -> Double {
      let mean = places.reduce(0) { $0 + targets[$1] } / Double(max(places.count, 1))
      return places.reduce(0) { $0 + (targets[$1] - mean) * (targets[$1] - mean) }
    }
    let all = Array(targets.indices)
    var best = 0.0
    for latent in 0..<2 {
      let column = codes.column(latent)
      for threshold in column {
        let (left, right) = (all.filter { column[$0] < threshold }, all.filter { column[$0] >= threshold })
        best = max(best, error(all) - error(left) - error(right))
      }
    }
    let tree = RegressionTree(SortedCodes(codes), targets: targets)
    // The leaves of the first question are the lower and the upper half of all.
    let (left, right) = (all.filter { tree.leaves[$0] < 4 }, all.filter { tree.leaves[$0] >= 4 })
    #expect(abs(error(all) - error(left) - error(right) - best) < 1e-9)
    // All questions together explain what their leaves do.
    let rest = (0..<8).reduce(0.0) { sum, leaf in sum + error(all.filter { tree.leaves[$0] == leaf }) }
    #expect(abs(tree.gains.reduce(0, +) - error(all) + rest) < 1e-9)
  }

  /// Two latents in the same order ask the same question; the third is in another order.
  @Test func latentsThatTellTheSameShareTheCredit() {
    let values = SyntheticCodes.normals(100, seed: 4)
    let rows = (0..<50).map { example -> [Float] in
      let (first, second) = (values[2 * example], values[2 * example + 1])
      return [first, second, 3 * first - 1]
    }
    let targets: [Double] = rows.map { $0[0] > 0.3 ? 0.5 : -0.5 }
    let gains = RegressionTree(SortedCodes(CodeMatrix(rows: rows)), targets: targets).gains
    #expect(gains[0] > 0)
    #expect(gains[1] == 0)
    #expect(abs(gains[0] - gains[2]) < 1e-9)
  }

  @Test func boostingLearnsWhatNoLineTells() {
    let values = SyntheticCodes.normals(4000, seed: 2)
    let codes = CodeMatrix(values, width: 2)
    let labels = (0..<2000).map { (values[2 * $0] > 0) == (values[2 * $0 + 1] > 0) ? 1 : 3 }
    let boosting = GradientBoosting(SortedCodes(codes), labels: labels, rounds: 40)
    let right = zip(boosting.predict(codes), labels).count { $0 == $1 }
    #expect(right > 1950)
    #expect(abs(boosting.importances.reduce(0, +) - 1) < 1e-9)
    // The first question gains next to nothing, whichever it is; the gain falls to the latent that is asked about after.
    #expect(boosting.importances.allSatisfy { $0 > 0.01 })
  }

  @Test func boostingOfOneLabelAlwaysGuessesIt() {
    let codes = CodeMatrix(rows: [[1], [2], [3]])
    let boosting = GradientBoosting(SortedCodes(codes), labels: [6, 6, 6])
    #expect(boosting.predict(codes) == [6, 6, 6])
    #expect(boosting.importances == [0])
  }
}
