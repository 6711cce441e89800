import LatentDiagnostics
import LatentRandomness

/// The scores of one model's codes by all metrics of `Disentanglement`.
package struct DisentanglementScores: Sendable {
  /// The mutual information gap.
  package let mutualInformationGap: Double
  /// Modularity.
  package let modularity: Double
  /// Disentanglement, completeness, and informativeness.
  package let dci: Disentanglement.DCIScore
  /// The separated attribute predictability; `nil` for a single latent.
  package let sap: Double?
  /// The beta-VAE and FactorVAE scores, which compare examples of chosen factors; `nil` where none can be made.
  package let byChoice: (betaVAE: Double, factorVAE: Double)?

  /// Scores examples that are drawn by their factors: 10,000 to learn from and 5,000 to measure on.
  ///
  /// - Parameters:
  ///   - seed: The same seed asks for the same factors.
  ///   - votes: The batches from which the beta-VAE and FactorVAE scores learn; half as many are measured on.
  ///   - progress: is told the share of the work that is done.
  /// - Throws: What the source throws, and a `LatentError` when a code is not a finite number.
  package init(
    of source: some FactorSource, seed: UInt64, votes: Int = 10_000, progress: (Double) throws -> Void = { _ in }
  ) throws {
    let training = try source.labelledCodes(count: 10_000, seed: seed, stream: "training")
    let test = try source.labelledCodes(count: 5_000, seed: seed, stream: "test")
    try progress(0.1)
    let factorVAE = try Disentanglement.factorVAEScore(of: source, seed: seed, training: votes, test: max(1, votes / 2))
    try progress(0.4)
    let betaVAE = try Disentanglement.betaVAEScore(of: source, seed: seed, training: votes, test: max(1, votes / 2))
    try progress(0.9)
    try self.init(training: training, test: test, byChoice: (betaVAE, factorVAE))
  }

  /// Scores a table of examples, of which a third, drawn at random, are measured on and the others learned from: at most
  /// 5,000 and 10,000.
  ///
  /// - Throws: A `LatentError` for fewer than three examples.
  package init(of table: LabelledCodes, seed: UInt64) throws {
    var stream = RandomStream(seed: seed, name: "evaluation split")
    var order = Array(0..<table.codes.count)
    for place in order.indices.dropFirst() { order.swapAt(place, stream.nextIndex(below: place + 1)) }
    order = Array(order.prefix(15_000))
    guard order.count >= 3 else {
      throw LatentError.usage(
        "\(order.count) examples are too few to learn factors from",
        remedy: "Give at least three, and better a thousand")
    }
    let held = order.count / 3
    try self.init(training: table.rows(order.dropFirst(held)), test: table.rows(order.prefix(held)), byChoice: nil)
  }

  private init(training: LabelledCodes, test: LabelledCodes, byChoice: (betaVAE: Double, factorVAE: Double)?) throws {
    mutualInformationGap = try Disentanglement.mutualInformationGap(training)
    modularity = Disentanglement.modularity(training)
    sap = training.codes.width > 1 ? try Disentanglement.sapScore(training: training, test: test) : nil
    dci = Disentanglement.dciScore(training: training, test: test)
    self.byChoice = byChoice
  }
}
