import Foundation
import Latent

/// `latent impute`.
enum ImputeCommand: Command {
  static let specification = CommandSpecification(
    name: "impute", summary: "Fill in missing values by importance sampling: their mean, or several draws",
    operands: [("RUN", "the folder of a run that was trained with missing values")],
    options: .data + .split + [
      .init(name: "--limit", value: "N", help: "use at most N examples"),
      .init(name: "--samples", value: "K", help: "latents weighed for each example (default 100)"),
      .init(name: "--draws", value: "M", help: "write M completions, each a draw, in place of one of means"),
    ] + .output + .seed + .compute,
    example: "latent impute runs/table --split train --draws 5 --out completed.csv")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let samples = try arguments.integer("--samples", in: 1...1_000_000) ?? 100
    let draws = try arguments.integer("--draws", in: 1...10_000)
    let table = run.configuration.data.table
    let writer = try ExampleWriter(
      path: run.output(arguments, default: table == nil ? "imputed.npy" : "imputed.csv"),
      overwrite: arguments.has("--force"), table: table)
    let (examples, split) = try run.examples(arguments)
    let evaluator = Evaluator(run.trained, seed: try arguments.seed())
    let values =
      try draws.map { try evaluator.imputations(examples, draws: $0, samples: samples) }
      ?? evaluator.imputedMeans(examples, samples: samples)
    try writer.write(values, shape: examples.shape, columns: Int(Double(examples.count).squareRoot().rounded(.up)))
    let what = draws.map { "\($0) completions, one after another," } ?? "means"
    Terminal.writeError("\(what) of \(examples.count) examples of the \(split) split, by \(samples) latents each")
  }
}
