import LatentDiagnostics

extension Disentanglement {
  /// The FactorVAE score: whether the latent that varies least in a batch tells which factor is fixed in it.
  ///
  /// All examples of a batch share the level of one factor. The latent whose variance in the batch, over its variance
  /// in general, is least casts a vote for that factor. A latent is then taken to mean the factor that it got most
  /// votes for, and the score is the share of fresh votes that agree. Latents that hardly vary in general take no
  /// part; without any other the score is 0.
  ///
  /// Source: Kim, Mnih, "Disentangling by Factorising" (2018), section 4; the pruning as in Locatello and others (2019).
  ///
  /// - Parameters:
  ///   - source: Makes and encodes examples; batchSize * (training + test) + varianceExamples of them in all.
  ///   - seed: The same seed asks for the same factors.
  ///   - batchSize: The examples behind one vote, at least 2.
  ///   - training: The votes that give latents their meaning.
  ///   - test: The votes that are counted.
  ///   - varianceExamples: The examples that the variances in general come from, at least 2.
  ///   - leastDeviation: The standard deviation below which a latent takes no part.
  /// - Throws: What the source throws, and a `LatentError` when a code is not a finite number.
  package static func factorVAEScore(
    of source: any FactorSource, seed: UInt64, batchSize: Int = 64, training: Int = 10_000, test: Int = 5_000,
    varianceExamples: Int = 10_000, leastDeviation: Double = 0.05
  ) throws -> Double {
    require(
      batchSize >= 2 && varianceExamples >= 2 && training >= 1 && test >= 1,
      "A score needs batches of two examples, training votes, and test votes")
    let variances = try source.labelledCodes(count: varianceExamples, seed: seed, stream: "FactorVAE variances")
      .codes.columnVariances
    let voters = variances.indices.filter { variances[$0] > 0 && variances[$0].squareRoot() >= leastDeviation }
    guard !voters.isEmpty else { return 0 }

    func votes(_ count: Int, _ stream: String) throws -> [[Int]] {
      var votes = Array(repeating: Array(repeating: 0, count: source.factorSizes.count), count: variances.count)
      try forEachBatch(of: source, count, rows: batchSize, seed, stream) { rows, fixed in
        for row in rows.indices { rows[row][fixed] = rows[0][fixed] }
      } visit: { codes, first, fixed in
        let batch = codes.values[first * codes.width..<(first + batchSize) * codes.width]
        let local = CodeMatrix(Array(batch), width: codes.width).columnVariances
        let ratios = voters.map { local[$0] / variances[$0] }
        let least = ratios.indices.reduce(0) { ratios[$1] < ratios[$0] ? $1 : $0 }
        votes[voters[least]][fixed] += 1
      }
      return votes
    }

    let meaning = try votes(training, "FactorVAE training").map { row in
      row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
    }
    let right = try zip(votes(test, "FactorVAE test"), meaning).reduce(0) { $0 + $1.0[$1.1] }
    return Double(right) / Double(test)
  }
}
