import Foundation
import Latent

/// `latent diagnose`.
enum DiagnoseCommand: Command {
  static let specification = CommandSpecification(
    name: "diagnose", summary: "Say whether the posterior has collapsed: active latents, rates, mutual information",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--limit", value: "N", help: "use at most N examples (default 10000)")
    ] + .seed + .compute + [.init(name: "--json", value: nil, help: "print one JSON object")],
    example: "latent diagnose runs/first --json")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let (all, split) = try run.examples(arguments)
    let examples = arguments.has("--limit") ? all : all.prefix(10_000)
    let evaluator = Evaluator(run.trained, seed: try arguments.seed())
    guard run.trained.model.specification.hasNormalPosterior else {
      return try printActive(evaluator.posteriorMeans(examples), examples.count, split, arguments.has("--json"))
    }
    let report = try CollapseReport(evaluator.posteriors(examples), seed: arguments.seed())
    guard arguments.has("--json") else { return try Terminal.write(table(report, split)) }
    try Terminal.write(
      JSONLine([
        ("verdict", .text(report.verdict.rawValue)), ("active", .integer(report.activeCount)),
        ("latents", .integer(report.units.count)), ("rate", .number(report.rate)),
        ("mutual_information", .number(report.mutualInformation.value)),
        ("mutual_information_standard_error", .number(report.mutualInformation.error)),
        ("examples", .integer(report.examples)), ("split", .text(split)),
      ]))
  }

  /// Of a model whose posteriors have no density in closed form, only the means are looked at.
  private static func printActive(_ layers: [CodeMatrix], _ examples: Int, _ split: String, _ asJSON: Bool) throws {
    let active = try layers.map { try ActiveUnits(posteriorMeans: $0) }
    let (count, latents) = (active.reduce(0) { $0 + $1.count }, active.reduce(0) { $0 + $1.variances.count })
    guard !asJSON else {
      return try Terminal.write(
        JSONLine([
          ("verdict", .optional(nil)), ("active", .integer(count)), ("latents", .integer(latents)),
          ("rate", .optional(nil)), ("mutual_information", .optional(nil)),
          ("mutual_information_standard_error", .optional(nil)), ("examples", .integer(examples)),
          ("split", .text(split)),
        ]))
    }
    for (index, units) in active.enumerated() {
      try Terminal.write("layer \(index + 1): \(units.count) of \(units.variances.count) latents are active")
    }
  }

  private static func table(_ report: CollapseReport, _ split: String) -> String {
    let rows = report.units.enumerated().sorted { $0.element.rate > $1.element.rate }.map { index, unit in
      String(format: "%6d %10.3f %18.4f   ", index, unit.rate, unit.varianceOfMean) + (unit.isActive ? "active" : "-")
    }
    let information = report.mutualInformation
    return
      ([
        report.explanation,
        "\(report.examples) examples of the \(split) split; rate "
          + String(
            format: "%.2f, mutual information %.2f ± %.2f nats", report.rate, information.value, information.error),
        "latent       rate   variance of mean",
      ] + rows).joined(separator: "\n")
  }
}
