import Latent
import LatentEvaluation
import LatentTraining

/// What `latent evaluate --factors` measures: how far single latents stand for single factors.
struct FactorScores {
  /// A score by the name that people see, and by that which programs do.
  typealias Score = (key: String, name: String, value: Double?)

  private enum Source {
    case drawn(EncodedFactors)
    case table(FactorTable, Examples, TrainedModel)
  }

  private let source: Source
  private let votes: Int
  private let seed: UInt64

  /// What the arguments ask for; `nil` for no scores.
  ///
  /// - Throws: `LatentError` when the factors do not belong to the examples.
  init?(_ arguments: Arguments, _ run: RunAccess, _ examples: Examples) throws {
    let votes = try arguments.integer("--votes", in: 1...1_000_000)
    guard let path = arguments.text("--factors") else {
      guard votes == nil else {
        throw LatentError.usage("--votes is of the scores of --factors", remedy: "Give --factors too")
      }
      return nil
    }
    try run.trained.requireLatents()
    seed = try arguments.seed()
    self.votes = votes ?? 10_000
    if path == "sprites" {
      source = .drawn(try .sprites(run.trained, data: run.configuration.data))
      return
    }
    let array = try NPY.read(contentsOf: path)
    // A limit takes the first of the split, and the first rows.
    let whole = arguments.has("--limit") ? try run.wholeSplit(arguments).examples.count : examples.count
    guard array.shape.count == 2, array.shape[1] > 0, [whole, examples.count].contains(array.shape[0]) else {
      throw LatentError.usage(
        "\(path) has shape \(array.shape), which is no row of factors for each of the split's \(whole) examples",
        remedy: "Give an array of shape [\(whole), factors], or another --split")
    }
    let width = array.shape[1]
    let table = try FactorTable(Array(array.floats().prefix(examples.count * width)), width: width)
    let grid = EncodedFactors.grid(run.trained, table, examples)
    guard grid != nil || votes == nil else {
      throw LatentError.usage(
        "No examples can be chosen by their factors, since \(path) has not each combination of levels once",
        remedy: "Leave out --votes")
    }
    source = grid.map(Source.drawn) ?? .table(table, examples, run.trained)
  }

  /// Measures, and shows how far it has come.
  func measure() throws -> [Score] {
    defer { Terminal.finishProgress() }
    let scores: DisentanglementScores
    switch source {
    case .drawn(let source):
      scores = try DisentanglementScores(of: source, seed: seed, votes: votes) { share in
        Terminal.drawProgress("disentanglement \(Terminal.bar(share)) \(Int(share * 100)) %")
      }
    case .table(let table, let examples, let trained):
      Terminal.drawProgress("disentanglement of \(examples.count) examples")
      let generator = Generator(trained)
      let codes = CodeMatrix(try generator.encode(examples), width: generator.latents)
      scores = try DisentanglementScores(
        of: LabelledCodes(codes: codes, factors: table.factors, factorSizes: table.factorSizes), seed: seed)
    }
    return [
      ("mutual_information_gap", "mutual information gap", scores.mutualInformationGap),
      ("modularity", "modularity", scores.modularity), ("sap_score", "SAP score", scores.sap),
      ("dci_disentanglement", "DCI disentanglement", scores.dci.disentanglement),
      ("dci_completeness", "DCI completeness", scores.dci.completeness),
      ("dci_informativeness", "DCI informativeness", scores.dci.informativeness),
      ("beta_vae_score", "beta-VAE score", scores.byChoice?.betaVAE),
      ("factor_vae_score", "FactorVAE score", scores.byChoice?.factorVAE),
    ]
  }
}
