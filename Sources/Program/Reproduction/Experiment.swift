import LatentDiagnostics

/// A published experiment: its protocol, and what it gives here beside what it gave there.
package struct Experiment: Sendable {
  /// The name on the command line.
  package let name: String
  /// One line of what it shows.
  package let summary: String
  /// The paper, with the table, figure, or section.
  package let paper: String
  /// How it is done, in a few sentences: data, network, schedule, measurement.
  package let protocolText: String
  /// Does it.
  let body: @Sendable (ExperimentContext) throws -> [ReproductionRow]

  init(
    _ name: String, _ summary: String, paper: String, protocol protocolText: String,
    _ body: @escaping @Sendable (ExperimentContext) throws -> [ReproductionRow]
  ) {
    self.name = name
    self.summary = summary
    self.paper = paper
    self.protocolText = protocolText
    self.body = body
  }

  /// Goes through the protocol.
  ///
  /// - Throws: `LatentError` when data are missing, training fails, or no model is wanted.
  package func run(_ context: ExperimentContext) throws -> [ReproductionRow] {
    var own = context
    own.runs = context.runs.map { $0 + "/" + name }
    let rows = try body(own).filter { context.wants($0.row) }
    guard !rows.isEmpty else {
      throw LatentError.usage(
        "No model of \(name) has \(context.only ?? "") in its name",
        remedy: "Leave out --only to see them all: the names of rows end with them")
    }
    return rows
  }

  /// All experiments, in the order in which they are listed.
  package static let all: [Experiment] = [
    importanceWeightedTable, inverseAutoregressiveFlow, ladder, vampPrior, betaSprites, collapse, lowerBounds,
    marginalLikelihoods, estimatorVariance, fullBayes, quantizers, choices, exactModels,
  ]

  /// The experiment of a name.
  ///
  /// - Throws: `LatentError` that names the nearest one.
  package static func named(_ name: String) throws -> Experiment {
    if let experiment = all.first(where: { $0.name == name }) { return experiment }
    let nearest = nearestName(to: name, among: all.map(\.name))
    throw LatentError.usage(
      "There is no experiment \(name)",
      remedy: nearest.map { "Did you mean \($0)?" } ?? "See `latent reproduce` for those there are")
  }
}
