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
      .init(
        name: "--factors", value: "FILE|sprites",
        help: "scores of disentanglement by what examples were made from: rows of levels (.npy), or sprites drawn anew"),
      .init(name: "--votes", value: "N", help: "batches that the scores of chosen factors learn from (default 10000)"),
    ] + .seed + .compute + [.init(name: "--json", value: nil, help: "print one JSON object")],
    example: "latent evaluate runs/first --samples 500 --limit 1000 --json")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let samples = try arguments.integer("--samples", in: 1...10_000_000) ?? 100
    let (examples, split) = try run.examples(arguments)
    let factors = try FactorScores(arguments, run, examples)
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
    // Values that are missing are no part of the likelihood, and count as no dimensions.
    let bits = Bits(run.configuration, dimensions: try examples.meanObservedCount())
    let isExact = !run.configuration.model.hasLatents
    let scores = try factors?.measure() ?? []
    if arguments.has("--json") {
      try Terminal.write(
        JSONLine(fields(bound, likelihood, split, bits, isExact) + scores.map { ($0.key, .optional($0.value)) }))
    } else {
      let rows = scores.compactMap { score in
        score.value.map {
          "  " + score.name.padding(toLength: 30, withPad: " ", startingAt: 0) + String(format: "%6.3f", $0)
        }
      }
      let heading = scores.isEmpty ? [] : ["disentanglement, 1 at best"]
      try Terminal.write(([table(bound, likelihood, split, bits, isExact)] + heading + rows).joined(separator: "\n"))
    }
  }

  private static func fields(
    _ bound: BoundEstimate, _ likelihood: LikelihoodEstimate?, _ split: String, _ bits: Bits, _ isExact: Bool
  ) -> [(String, JSONLine.Value)] {
    [
      ("elbo", .optional(likelihood == nil ? nil : bound.elbo)),
      ("elbo_standard_error", .optional(likelihood == nil ? nil : bound.elboError)), ("rate", .number(bound.rate)),
      ("distortion", .number(bound.distortion)), ("nll", .optional(likelihood?.nll)),
      ("nll_standard_error", .optional(likelihood?.error)),
      ("nll_bound", .text(isExact ? "exact" : "importance-weighted")),
      ("bits_per_dimension", .optional(likelihood.map { bits.perDimension($0.nll) })),
      ("bits_of", .text(bits.kind.rawValue)),
      ("samples", .integer(likelihood?.samples ?? 0)), ("examples", .integer(bound.examples)), ("split", .text(split)),
    ]
  }

  private static func table(
    _ bound: BoundEstimate, _ likelihood: LikelihoodEstimate?, _ split: String, _ bits: Bits, _ isExact: Bool
  ) -> String {
    var lines = ["\(bound.examples) examples of the \(split) split, in nats per example"]
    func row(_ name: String, _ value: Double, _ error: Double?, _ note: String) {
      let tail = error.map { String(format: " ± %.2f", $0) } ?? ""
      lines.append(
        "  " + name.padding(toLength: 12, withPad: " ", startingAt: 0)
          + (String(format: "%10.2f", value) + tail).padding(toLength: 20, withPad: " ", startingAt: 0) + note)
    }
    let hasBound = likelihood != nil && !isExact
    if hasBound { row("elbo", bound.elbo, bound.elboError, "evidence lower bound, one sample") }
    if hasBound { row("rate", bound.rate, nil, "divergence of the posterior from the prior") }
    if !isExact { row("distortion", bound.distortion, nil, "negative expected log-likelihood") }
    if let likelihood {
      row(
        "nll", likelihood.nll, likelihood.error,
        isExact ? "exact, without latents" : "importance-weighted, \(likelihood.samples) samples")
      row("bits/dim", bits.perDimension(likelihood.nll), bits.error(likelihood.error), bits.note)
    }
    return lines.joined(separator: "\n")
  }
}

/// Nats of an example as bits of a dimension, and what they can be compared with.
private struct Bits {
  enum Kind: String {
    /// Of values that can be counted.
    case values
    /// Of grey levels, from above, by a density over dequantised ones.
    case levels
    /// Of a density.
    case density
  }

  let kind: Kind
  private let dimensions: Double

  init(_ configuration: RunConfiguration, dimensions: Double) {
    self.dimensions = dimensions
    let isDensity = configuration.model.decoder.likelihood.traits.contains(.density)
    kind = !isDensity ? .values : configuration.data.dequantization == .none ? .density : .levels
  }

  /// A level is 1 / 256 wide, so that a density of 1 gives it eight bits.
  func perDimension(_ nats: Double) -> Double { nats / log(2) / dimensions + (kind == .levels ? 8 : 0) }

  func error(_ nats: Double) -> Double { nats / log(2) / dimensions }

  var note: String {
    switch kind {
    case .values: "the nll in bits per dimension"
    case .levels: "bits per grey level, from above: the nll of dequantised levels"
    case .density: "bits of a density, not comparable with those of values (train with --dequantize)"
    }
  }
}
