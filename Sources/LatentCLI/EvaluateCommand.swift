import Foundation
import Latent

/// `latent evaluate`.
enum EvaluateCommand: Command {
  static let specification = CommandSpecification(
    name: "evaluate", summary: "Measure a run: bound, rate, distortion, and log-likelihood with error bars",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--samples", value: "K", help: "importance samples for the likelihood (default 100)"),
      .init(name: "--limit", value: "N", help: "use at most N examples"),
    ] + .seed + .compute + [.init(name: "--json", value: nil, help: "print one JSON object")],
    example: "latent evaluate runs/first --samples 500 --limit 1000 --json")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let samples = try arguments.integer("--samples", in: 1...10_000_000) ?? 100
    let (examples, split) = try run.examples(arguments)
    let evaluator = Evaluator(run.trained, seed: try arguments.seed())
    let bound = try evaluator.bound(examples)
    var likelihood: LikelihoodEstimate?
    if run.trained.objective.hasBound {
      let start = Date()
      likelihood = try evaluator.negativeLogLikelihood(examples, samples: samples) { share in
        let eta = Terminal.clock(-start.timeIntervalSinceNow * (1 - share) / share)
        Terminal.drawProgress("likelihood \(Terminal.bar(share)) \(Int(share * 100)) %  ETA \(eta)")
      }
      Terminal.finishProgress()
    }
    if arguments.has("--json") {
      print(json(bound, likelihood, split, run.trained.model.dimensions))
    } else {
      print(table(bound, likelihood, split, run.trained.model.dimensions))
    }
  }

  private static func json(
    _ bound: BoundEstimate, _ likelihood: LikelihoodEstimate?, _ split: String, _ dimensions: Int
  ) -> JSONLine {
    JSONLine([
      ("elbo", .optional(likelihood == nil ? nil : bound.elbo)),
      ("elbo_standard_error", .optional(likelihood == nil ? nil : bound.elboError)), ("rate", .number(bound.rate)),
      ("distortion", .number(bound.distortion)), ("nll", .optional(likelihood?.nll)),
      ("nll_standard_error", .optional(likelihood?.error)), ("nll_bound", .text("importance-weighted")),
      ("bits_per_dimension", .optional(likelihood.map { $0.nll / log(2) / Double(dimensions) })),
      ("samples", .integer(likelihood?.samples ?? 0)), ("examples", .integer(bound.examples)), ("split", .text(split)),
    ])
  }

  private static func table(
    _ bound: BoundEstimate, _ likelihood: LikelihoodEstimate?, _ split: String, _ dimensions: Int
  ) -> String {
    var lines = ["\(bound.examples) examples of the \(split) split, in nats per example"]
    func row(_ name: String, _ value: Double, _ error: Double?, _ note: String) {
      let tail = error.map { String(format: " ± %.2f", $0) } ?? ""
      lines.append(
        "  " + name.padding(toLength: 12, withPad: " ", startingAt: 0)
          + (String(format: "%10.2f", value) + tail).padding(toLength: 20, withPad: " ", startingAt: 0) + note)
    }
    if likelihood != nil { row("elbo", bound.elbo, bound.elboError, "evidence lower bound, one sample") }
    if likelihood != nil { row("rate", bound.rate, nil, "divergence of the posterior from the prior") }
    row("distortion", bound.distortion, nil, "negative expected log-likelihood")
    if let likelihood {
      row("nll", likelihood.nll, likelihood.error, "importance-weighted, \(likelihood.samples) samples")
      let bits = likelihood.nll / log(2) / Double(dimensions)
      row("bits/dim", bits, likelihood.error / log(2) / Double(dimensions), "the nll in bits per dimension")
    }
    return lines.joined(separator: "\n")
  }
}
