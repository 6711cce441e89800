import Foundation
import Latent
import LatentReproduction

/// `latent reproduce`.
enum ReproduceCommand: Command {
  static let specification = CommandSpecification(
    name: "reproduce", summary: "Repeat a published experiment and print their figures beside ours",
    operands: [("[NAME]", "the experiment; without one the experiments are listed")],
    options: [
      .init(name: "--seeds", value: "N", help: "how many runs, with seeds 1 to N (default 1)"),
      .init(name: "--only", value: "TEXT", help: "only the models with this in their names, such as \"k = 1\"; or A|B"),
      .init(name: "--effort", value: "X", help: "the share of the epochs to go through (default 1)"),
      .init(name: "--limit", value: "N", help: "use at most N examples of each split, to try things out"),
      .init(name: "--samples", value: "K", help: "importance samples for likelihoods (default 5000)"),
      .init(name: "--figures", value: "DIR", help: "where to write figures (.svg)"),
      .init(name: "--runs", value: "DIR", help: "keep trained models there, and take those that are there already"),
      .init(name: "--data-dir", value: "DIR", help: "where named data sets are looked for first"),
      .init(name: "--threads", value: "N", help: "threads to use (default: all cores)"),
      .init(
        name: "--json", value: nil,
        help: "print a JSON list of row, published, ours, standard_error, paired_error, seconds"),
    ],
    example: "latent reproduce collapse --seeds 3")

  static func run(_ arguments: Arguments) throws {
    guard let name = arguments.operand(0) else { return try list() }
    let experiment = try Experiment.named(name)
    try arguments.setThreads()
    let lastLine = Guarded(Date())
    let context = ExperimentContext(
      seeds: (1...(try arguments.integer("--seeds", in: 1...1000) ?? 1)).map(UInt64.init),
      dataDirectory: arguments.text("--data-dir"), effort: try arguments.positive("--effort") ?? 1,
      limit: try arguments.integer("--limit", in: 100...Int.max) ?? 0,
      samples: try arguments.integer("--samples", in: 1...1_000_000) ?? 5000, only: arguments.text("--only"),
      folder: arguments.text("--figures"), runs: arguments.text("--runs"),
      report: { text in lastLine.withLock { Terminal.reportProgress(text, since: &$0) } })
    let rows = try experiment.run(context)
    Terminal.finishProgress()
    guard arguments.has("--json") else { return try Terminal.write(table(experiment, rows, context)) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try Terminal.write(String(decoding: try encoder.encode(rows), as: UTF8.self))
  }

  private static func list() throws {
    let width = Experiment.all.map(\.name.count).max() ?? 0
    for experiment in Experiment.all {
      let name = experiment.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
      try Terminal.write("\(name)\(experiment.summary) (\(experiment.paper))")
    }
  }

  private static func table(
    _ experiment: Experiment, _ rows: [ReproductionRow], _ context: ExperimentContext
  ) -> String {
    let width = rows.map(\.row.count).max() ?? 0
    func cell(_ value: Double?, _ format: String = "%.2f") -> String {
      let text = value.map { String(format: abs($0) < 1e6 ? format : "%.2e", $0) } ?? "-"
      return String(repeating: " ", count: max(1, 11 - text.count)) + text
    }
    let head =
      "".padding(toLength: width, withPad: " ", startingAt: 0)
      + "  published       ours  std. err.     paired    seconds"
    let lines = rows.map { row in
      row.row.padding(toLength: width, withPad: " ", startingAt: 0) + cell(row.published) + cell(row.ours)
        + cell(row.standardError) + cell(row.pairedError) + cell(row.seconds, "%.0f")
    }
    let seeds = context.seeds.map(String.init).joined(separator: ", ")
    let columns =
      "Standard errors are over seeds; paired ones of a difference are over the test examples, each against itself."
    return ([experiment.paper, experiment.protocolText, "Seeds \(seeds). \(columns)", "", head] + lines)
      .joined(separator: "\n")
  }
}
