import LatentDiagnostics
import LatentRandomness

extension Disentanglement {
  /// The beta-VAE score: how well a linear classifier tells which factor the pairs of a batch have in common.
  ///
  /// A point is the mean of |z1 - z2| over pairs of examples that share the level of one factor and are otherwise
  /// independent; its label is that factor. Returns the accuracy on the test points. Chance is 1 over the number of
  /// factors.
  ///
  /// Source: Higgins and others, "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework"
  /// (2017), section 3, with the logistic regression of Locatello and others (2019).
  ///
  /// - Parameters:
  ///   - source: Makes and encodes examples; 2 * pairs * (training + test) of them in all.
  ///   - seed: The same seed asks for the same factors.
  ///   - pairs: The pairs behind one point.
  ///   - training: The points that the classifier learns from.
  ///   - test: The points that it is measured on.
  /// - Throws: What the source throws, and a `LatentError` when a code is not a finite number.
  package static func betaVAEScore(
    of source: any FactorSource, seed: UInt64, pairs: Int = 64, training: Int = 10_000, test: Int = 5_000
  ) throws -> Double {
    require(pairs >= 1 && training >= 1 && test >= 1, "A score needs pairs, training points, and test points")
    let train = try differencePoints(source, training, pairs, seed, "beta-VAE training")
    let held = try differencePoints(source, test, pairs, seed, "beta-VAE test")
    let classifier = SoftmaxClassifier(
      features: train.points, width: train.points.count / training, labels: train.labels,
      classes: source.factorSizes.count)
    return accuracy(classifier.predict(held.points), held.labels)
  }

  /// The share of predictions that are right.
  static func accuracy(_ predictions: [Int], _ labels: [Int]) -> Double {
    Double(zip(predictions, labels).count { $0 == $1 }) / Double(labels.count)
  }

  private static func differencePoints(
    _ source: any FactorSource, _ count: Int, _ pairs: Int, _ seed: UInt64, _ stream: String
  ) throws -> (points: [Double], labels: [Int]) {
    var points: [Double] = []
    var labels: [Int] = []
    try forEachBatch(of: source, count, rows: 2 * pairs, seed, stream) { rows, shared in
      for pair in 0..<pairs { rows[pairs + pair][shared] = rows[pair][shared] }
    } visit: { codes, first, shared in
      labels.append(shared)
      for latent in 0..<codes.width {
        var sum = 0.0
        for pair in first..<first + pairs {
          let other = codes.values[(pair + pairs) * codes.width + latent]
          sum += abs(Double(codes.values[pair * codes.width + latent]) - Double(other))
        }
        points.append(sum / Double(pairs))
      }
    }
    return (points, labels)
  }

  /// Draws batches that each single out one random factor, and encodes several batches at a time.
  ///
  /// - Parameters:
  ///   - rows: The examples of one batch, at first independent.
  ///   - tie: Changes the rows of a batch so that they share the factor.
  ///   - visit: Takes codes, the row where the batch begins in them, and its factor.
  static func forEachBatch(
    of source: any FactorSource, _ count: Int, rows: Int, _ seed: UInt64, _ stream: String,
    tie: (inout [[Int]], Int) -> Void, visit: (CodeMatrix, Int, Int) -> Void
  ) throws {
    let together = max(1, 1024 / rows)
    for start in stride(from: 0, to: count, by: together) {
      var factors: [[Int]] = []
      var shared: [Int] = []
      for batch in start..<min(start + together, count) {
        var random = RandomStream(seed: seed, name: "evaluation \(stream)", step: UInt64(batch))
        let factor = random.nextIndex(below: source.factorSizes.count)
        var batchRows = (0..<rows).map { _ in source.randomFactors(&random) }
        tie(&batchRows, factor)
        factors += batchRows
        shared.append(factor)
      }
      let codes = try source.checkedCodes(for: factors)
      for (index, factor) in shared.enumerated() { visit(codes, index * rows, factor) }
    }
  }
}
