import Foundation
import Latent
import LatentPages

/// `latent report`.
enum ReportCommand: Command {
  static let specification = CommandSpecification(
    name: "report", summary: "Make a page of one run, or of several side by side: figures, diagnosis, curves, pictures",
    operands: [("RUN", "the folder of a run"), ("[RUN ...]", "further runs, which stand beside it")],
    options: .data + .split + [
      .init(name: "--samples", value: "K", help: "importance samples for the likelihood (default 100)"),
      .init(name: "--limit", value: "N", help: "use at most N examples (default 1000)"),
      .init(name: "--out", value: "FILE", help: "where to write it (.html)"),
      .init(name: "--force", value: nil, help: "replace what is there"),
    ] + .seed + .compute,
    example: "latent report runs/first runs/second --out report.html")

  static func run(_ arguments: Arguments) throws {
    let runs = try arguments.operands.map { try RunAccess(arguments, path: $0) }
    let writer = try PageWriter(runs[0].output(arguments, default: "report.html"), arguments)
    let names = distinct(runs.map(\.name), paths: arguments.operands)
    let page = try ReportPage(zip(runs, names).map { try ReportRun($0, name: $1, arguments) })
    Terminal.finishProgress()
    try writer.write(page.html)
  }

  /// Names that tell the runs apart: the folders' names, or their paths where these are alike.
  private static func distinct(_ names: [String], paths: [String]) -> [String] {
    Set(names).count == names.count ? names : paths
  }
}

extension ReportRun {
  /// Measures a run for a report.
  ///
  /// - Parameter samples: importance samples where the arguments say nothing.
  init(_ run: RunAccess, name: String, samples: Int = 100, _ arguments: Arguments) throws {
    let (whole, split) = try run.wholeSplit(arguments)
    let limit = try arguments.integer("--limit", in: 1...Int.max) ?? 1000
    let examples = run.configuration.data.prepared(whole.prefix(limit))
    let evaluator = Evaluator(run.trained, seed: try arguments.seed())
    let training = try run.training(arguments)
    var request = Evaluator.Request(examples: examples, split: split, training: training)
    request.samples = try arguments.integer("--samples", in: 1...10_000_000) ?? samples
    request.measures = [.latents, .reconstruction]
    if training.labels != nil, examples.labels != nil, run.trained.model.specification.hasLatents {
      request.measures.insert(.probes)
    }
    let bits = BitsPerDimension(run.configuration, dimensions: try examples.meanObservedCount())
    let findings = try evaluator.findings(request, bits: bits) { what, share in
      Terminal.drawProgress("\(name): \(what) \(Terminal.bar(share))")
    }
    Terminal.drawProgress("\(name): diagnosis and pictures")
    let hasLatents = run.trained.model.specification.hasLatents
    try self.init(
      name: name, configuration: run.configuration, metrics: run.folder.metrics(), trained: run.trained,
      groups: findings.groups,
      diagnosis: hasLatents ? evaluator.diagnosis(run.diagnosisRequest(arguments, shown: examples)) : nil,
      examples: examples, seed: arguments.seed())
  }
}
