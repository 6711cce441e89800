import LatentDiagnostics

/// How well classes can be told from codes: by a linear classifier, and by the nearest codes of known examples.
public struct CodeProbes: Sendable, Hashable {
  /// The share of examples that a linear classifier gets right; `nil` for more classes and latents than it is fitted to.
  public let linear: Double?
  /// The share that the majority of the ten nearest known codes gets right; of equal majorities the nearer one counts.
  public let nearest: Double
  /// How many examples were known, and how many were asked for.
  public let known: Int, asked: Int

  /// Weights beyond which the linear classifier takes too long: each of its steps solves for all of them.
  public static let mostWeights = 2000
  private static let neighbours = 10

  /// Fits to known codes and classes, and asks for others.
  ///
  /// - Throws: `LatentError` for codes that are no finite numbers, or none.
  package init(
    known: CodeMatrix, labels: [Int], asked: CodeMatrix, askedLabels: [Int]
  ) throws {
    require(known.width == asked.width, "Codes of \(known.width) and \(asked.width) latents")
    require(known.count == labels.count && asked.count == askedLabels.count, "Codes and labels are not as many")
    try known.checkFinite()
    try asked.checkFinite()
    guard !labels.isEmpty, !askedLabels.isEmpty else {
      throw LatentError.usage("There are no labelled examples to ask about", remedy: "Use data with labels")
    }
    (self.known, self.asked) = (known.count, asked.count)
    // Classes are those that are known, whatever their numbers; a class that is not is never guessed.
    let numbers = Dictionary(uniqueKeysWithValues: Set(labels).sorted().enumerated().map { ($1, $0) })
    let (labels, askedLabels) = (labels.map { numbers[$0] ?? -1 }, askedLabels.map { numbers[$0] ?? -1 })
    let classes = numbers.count
    // Latents are brought to one scale by the known codes, so that the penalty of weights is the same for each.
    func scaled(_ codes: CodeMatrix, _ means: [Double], _ variances: [Double]) -> [Double] {
      codes.values.enumerated().map { place, value in
        let latent = place % codes.width
        return (Double(value) - means[latent]) / max(variances[latent], 1e-12).squareRoot()
      }
    }
    if known.count > 1, classes * (known.width + 1) <= Self.mostWeights {
      let (means, variances) = (known.columnMeans, known.columnVariances)
      let classifier = SoftmaxClassifier(
        features: scaled(known, means, variances), width: known.width, labels: labels, classes: classes)
      linear = Self.share(classifier.predict(scaled(asked, means, variances)), askedLabels)
    } else {
      linear = nil
    }
    nearest = Self.share(Self.votes(known, labels, asked, classes: classes), askedLabels)
  }

  private static func share(_ guesses: [Int], _ labels: [Int]) -> Double {
    Double(zip(guesses, labels).count { $0 == $1 }) / Double(labels.count)
  }

  private static func votes(_ known: CodeMatrix, _ labels: [Int], _ asked: CodeMatrix, classes: Int) -> [Int] {
    let width = known.width
    let count = min(neighbours, known.count)
    return known.values.withUnsafeBufferPointer { known in
      asked.values.withUnsafeBufferPointer { asked in
        (0..<(asked.count / width)).map { row in
          var nearest: [(distance: Float, label: Int)] = []
          for place in labels.indices {
            var distance: Float = 0
            for index in 0..<width {
              let difference = asked[row * width + index] - known[place * width + index]
              distance += difference * difference
            }
            if nearest.count < count || distance < nearest[count - 1].distance {
              if nearest.count == count { nearest.removeLast() }
              let spot = nearest.firstIndex { $0.distance > distance } ?? nearest.count
              nearest.insert((distance, labels[place]), at: spot)
            }
          }
          var votes = [Int](repeating: 0, count: classes)
          for neighbour in nearest { votes[neighbour.label] += 1 }
          let most = votes.max() ?? 0
          return nearest.first { votes[$0.label] == most }?.label ?? 0
        }
      }
    }
  }
}
