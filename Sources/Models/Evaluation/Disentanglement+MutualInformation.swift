import LatentDiagnostics
import Foundation

extension Disentanglement {
  /// The mutual information between each latent, cut into bins, and each factor, in nats: `[latent][factor]`.
  ///
  /// The bins are equally wide and reach from a latent's least value to its greatest. The estimate is that of the
  /// empirical distribution: for independent variables it is above 0 by about (bins - 1) * (levels - 1) / (2 * count).
  package static func mutualInformation(_ examples: LabelledCodes, bins: Int = 20) -> [[Double]] {
    require(bins >= 1, "There are no bins")
    let levels = examples.factorSizes.indices.map { examples.levels(of: $0) }
    return (0..<examples.codes.width).map { latent in
      let cells = binned(examples.codes.column(latent), bins: bins)
      return zip(levels, examples.factorSizes).map { informationBetween(cells, bins, $0, $1) }
    }
  }

  /// The mutual information gap (MIG): how far the latent that knows most of a factor is ahead of the next.
  ///
  /// The mean over the factors of (I1 - I2) / H, where I1 and I2 are the two greatest mutual informations of a factor
  /// with a latent and H is the factor's entropy. A missing second latent counts as 0. Factors that have one level
  /// among the examples are left out.
  ///
  /// Source: Chen, Li, Grosse, Duvenaud, "Isolating Sources of Disentanglement in VAEs" (2018), equation 6.
  ///
  /// - Throws: A `LatentError` when every factor has a single level.
  package static func mutualInformationGap(_ examples: LabelledCodes, bins: Int = 20) throws -> Double {
    let information = mutualInformation(examples, bins: bins)
    let gaps = examples.factorSizes.indices.compactMap { factor -> Double? in
      let entropy = entropy(examples.levels(of: factor), size: examples.factorSizes[factor])
      return entropy > 0 ? topGap(information.map { $0[factor] }) / entropy : nil
    }
    guard !gaps.isEmpty else {
      throw LatentError.usage(
        "The examples have the same factors throughout", remedy: "Give examples that differ in at least one factor")
    }
    return gaps.reduce(0, +) / Double(gaps.count)
  }

  /// Modularity: whether each latent knows of one factor only.
  ///
  /// The mean over the latents of 1 - s / ((K - 1) * m), where m is the greatest squared mutual information of the
  /// latent with a factor, s the sum of the others, and K the number of factors. A latent that knows nothing counts
  /// 0; with a single factor every other latent counts 1. Several latents for one factor do not lower it.
  ///
  /// Source: Ridgeway, Mozer, "Learning Deep Disentangled Embeddings With the F-Statistic Loss" (2018), section 3.
  package static func modularity(_ examples: LabelledCodes, bins: Int = 20) -> Double {
    let scores = mutualInformation(examples, bins: bins).map { row -> Double in
      let squares = row.map { $0 * $0 }
      guard let greatest = squares.max(), greatest > 0 else { return 0 }
      guard squares.count > 1 else { return 1 }
      return 1 - (squares.reduce(0, +) - greatest) / (greatest * Double(squares.count - 1))
    }
    return scores.reduce(0, +) / Double(scores.count)
  }

  /// The difference between the greatest value and the next, or 0.
  static func topGap(_ values: [Double]) -> Double {
    let sorted = values.sorted(by: >)
    return (sorted.first ?? 0) - (sorted.count > 1 ? sorted[1] : 0)
  }

  /// The bin of each value.
  static func binned(_ values: [Float], bins: Int) -> [Int] {
    let least = Double(values.min() ?? 0)
    let range = Double(values.max() ?? 0) - least
    guard range > 0 else { return Array(repeating: 0, count: values.count) }
    return values.map { min(bins - 1, Int((Double($0) - least) / range * Double(bins))) }
  }

  /// The mutual information of the joint counts of two discrete variables, in nats.
  private static func informationBetween(_ a: [Int], _ aSize: Int, _ b: [Int], _ bSize: Int) -> Double {
    var joint = [Int](repeating: 0, count: aSize * bSize)
    for (i, j) in zip(a, b) { joint[i * bSize + j] += 1 }
    let total = Double(a.count)
    let aCounts = (0..<aSize).map { i in (0..<bSize).reduce(0) { $0 + joint[i * bSize + $1] } }
    let bCounts = (0..<bSize).map { j in (0..<aSize).reduce(0) { $0 + joint[$1 * bSize + j] } }
    var information = 0.0
    for i in 0..<aSize {
      for j in 0..<bSize where joint[i * bSize + j] > 0 {
        let count = Double(joint[i * bSize + j])
        information += count / total * log(count * total / (Double(aCounts[i]) * Double(bCounts[j])))
      }
    }
    // Independent counts can sum to a little below 0.
    return max(information, 0)
  }

  /// The entropy of the counts of a discrete variable, in nats.
  private static func entropy(_ levels: [Int], size: Int) -> Double {
    var counts = [Int](repeating: 0, count: size)
    for level in levels { counts[level] += 1 }
    let total = Double(levels.count)
    return counts.reduce(0) { $1 == 0 ? $0 : $0 - Double($1) / total * log(Double($1) / total) }
  }
}
