import Foundation
import Latent

/// `latent diagnose`.
enum DiagnoseCommand: Command {
  static let specification = CommandSpecification(
    name: "diagnose", summary: "Say what seems wrong and what would mend it: collapse, over-fitting, holes, dead codes",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--limit", value: "N", help: "use at most N examples (default 10000)")
    ] + .seed + .compute + [.init(name: "--json", value: nil, help: "print one JSON object")],
    example: "latent diagnose runs/first --json")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    try run.trained.requireLatents()
    let (all, split) = try run.examples(arguments)
    let examples = arguments.has("--limit") ? all : all.prefix(10_000)
    let evaluator = Evaluator(run.trained, seed: try arguments.seed())
    let diagnosis = try evaluator.diagnosis(run.diagnosisRequest(arguments, shown: examples))
    let prior = run.trained.model.specification.prior.kind
    guard run.trained.model.specification.hasNormalPosterior else {
      let rate = run.trained.objective.hasBound ? try evaluator.bound(examples).rate : nil
      return try printActive(
        evaluator.activeUnits(examples), rate, prior, examples.count, split, diagnosis, arguments.has("--json"))
    }
    let report = try evaluator.collapseReport(examples, seed: arguments.seed())
    guard arguments.has("--json") else {
      return try Terminal.write(diagnosis.lines + "\n\n" + table(report, prior, split))
    }
    try Terminal.write(
      JSONLine([
        ("verdict", .text(report.verdict.rawValue)), ("active", .integer(report.activeCount)),
        ("latents", .integer(report.units.count)), ("rate", .optional(report.rate)), ("prior", .text(prior)),
        ("mutual_information", .number(report.mutualInformation.value)),
        ("mutual_information_standard_error", .number(report.mutualInformation.error)),
        ("examples", .integer(report.examples)), ("split", .text(split)), ("findings", diagnosis.json),
      ]))
  }

  /// Of a model whose posteriors have no density in closed form there is no mutual information.
  private static func printActive(
    _ layers: [ActiveUnits], _ rate: Double?, _ prior: String, _ examples: Int, _ split: String,
    _ diagnosis: Diagnosis, _ asJSON: Bool
  ) throws {
    let (count, latents) = (layers.reduce(0) { $0 + $1.count }, layers.reduce(0) { $0 + $1.variances.count })
    guard !asJSON else {
      return try Terminal.write(
        JSONLine([
          ("verdict", .optional(nil)), ("active", .integer(count)), ("latents", .integer(latents)),
          ("rate", .optional(rate)), ("prior", .text(prior)), ("mutual_information", .optional(nil)),
          ("mutual_information_standard_error", .optional(nil)), ("examples", .integer(examples)),
          ("split", .text(split)), ("findings", diagnosis.json),
        ]))
    }
    try Terminal.write(diagnosis.lines + "\n\n\(examples) examples of the \(split) split")
    for (index, units) in layers.enumerated() {
      try Terminal.write("layer \(index + 1): \(units.count) of \(units.variances.count) latents are active")
    }
    try Terminal.write(sentence(rate, prior))
  }

  /// What the rate is measured from.
  private static func sentence(_ rate: Double?, _ prior: String) -> String {
    guard let rate else { return "rate: none, since the model was trained for reconstruction alone" }
    return String(format: "rate: %.2f nats, KL(q(z|x) || p(z)) from the model's own prior (", rate) + prior + ")"
  }

  private static func table(_ report: CollapseReport, _ prior: String, _ split: String) -> String {
    let rows = report.units.enumerated().sorted { left, right in
      (left.element.rate ?? left.element.varianceOfMean) > (right.element.rate ?? right.element.varianceOfMean)
    }.map { index, unit in
      let rate = unit.rate.map { String(format: "%10.3f", $0) } ?? "         -"
      return String(format: "%6d ", index) + rate
        + String(format: " %18.4f   ", unit.varianceOfMean) + (unit.isActive ? "active" : "-")
    }
    let information = report.mutualInformation
    let hasParts = report.rate == nil || report.units.contains { $0.rate != nil }
    return
      ([
        report.explanation, "\(report.examples) examples of the \(split) split", sentence(report.rate, prior),
        "mutual information: "
          + String(
            format: "%.2f ± %.2f nats, I_q(x; z), the same for any prior; ", information.value, information.error)
          + String(format: "of %d examples at most %.2f", report.examples, log(Double(report.examples))),
      ] + (hasParts ? [] : ["the rate from this prior is no sum over latents, so that they have none of their own"])
      + ["latent       rate   variance of mean"] + rows).joined(separator: "\n")
  }
}

extension Diagnosis {
  /// What was found, for people.
  var lines: String {
    let names = examined.map(\.rawValue).sorted().joined(separator: ", ")
    guard !findings.isEmpty else { return "Nothing seems wrong; looked for: \(names)." }
    return findings.map { "\($0.severity.rawValue): \($0.observation)\n  \($0.remedy)" }.joined(separator: "\n")
  }

  /// What was found, for programs.
  var json: JSONLine.Value {
    .list(
      findings.map {
        [
          ("rule", .text($0.rule.rawValue)), ("severity", .text($0.severity.rawValue)),
          ("observation", .text($0.observation)), ("remedy", .text($0.remedy)),
        ]
      })
  }
}

extension RunAccess {
  /// What a diagnosis of the run looks at.
  ///
  /// - Parameter shown: the examples that the command is about, which stand for all where they are other data than the run's.
  func diagnosisRequest(_ arguments: Arguments, shown: Examples) throws -> Evaluator.DiagnosisRequest {
    let metrics = try folder.metrics()
    guard arguments.text("--data") == nil else {
      return .init(training: shown, heldOut: nil, configuration: configuration, metrics: metrics)
    }
    let heldOut = try heldOut(arguments)
    return try .init(
      training: training(arguments), heldOut: heldOut.split == "train" ? nil : heldOut.examples,
      configuration: configuration, metrics: metrics)
  }
}
