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
        name: "--measure", value: "LIST",
        help: "further figures: latents, reconstruction, samples, probes, annealing, separated by commas, or all"),
      .init(
        name: "--features", value: "SPACE",
        help: "where samples are compared: principal (64 components, the default), pixels, or classifier (trained here)"
      ),
      .init(
        name: "--annealing", value: "T", help: "distributions of the annealing from prior to posterior (default 500)"),
      .init(name: "--chains", value: "C", help: "chains for each example of the annealing (default 10)"),
      .init(
        name: "--against", value: "RUN", help: "another run on the same examples: the difference with its own error"),
      .init(
        name: "--factors", value: "FILE|sprites",
        help: "scores of disentanglement by what examples were made from: rows of levels (.npy), or sprites drawn anew"),
      .init(name: "--votes", value: "N", help: "batches that the scores of chosen factors learn from (default 10000)"),
    ] + .seed + .compute + [.init(name: "--json", value: nil, help: "print one JSON object")],
    example: "latent evaluate runs/first --samples 500 --limit 1000 --measure latents,reconstruction --json")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let (examples, split) = try run.examples(arguments)
    let request = try request(arguments, run, examples, split)
    let factors = try FactorScores(arguments, run, examples)
    let comparison = try Comparison(arguments, run)
    // Values that are missing are no part of the likelihood, and count as no dimensions.
    let bits = BitsPerDimension(run.configuration, dimensions: try examples.meanObservedCount())
    if let warning = try? run.configuration.validate(for: examples) {
      Terminal.writeError("latent: warning: \(warning)")
    }
    let evaluator = Evaluator(run.trained, seed: try arguments.seed())
    let progress = Progress()
    let findings = try evaluator.findings(request, bits: bits, report: progress.note)
    var groups = findings.groups
    if let comparison {
      groups.append(try comparison.measure(examples, findings, request.samples, seed: arguments.seed(), progress.note))
    }
    Terminal.finishProgress()
    let scores = try factors?.measure() ?? []
    if !scores.isEmpty {
      groups.append(
        FigureGroup("disentanglement, 1 at best", scores.map { Figure($0.key, $0.name, $0.value, digits: 3) }))
    }
    if arguments.has("--json") {
      try Terminal.write(JSONLine(fields(findings, split, bits, run) + groups.flatMap(\.figures).flatMap(members)))
    } else {
      try Terminal.write(groups.map(\.table).joined(separator: "\n"))
    }
  }

  private static func request(
    _ arguments: Arguments, _ run: RunAccess, _ examples: Examples, _ split: String
  ) throws -> Evaluator.Request {
    let measures = try measures(arguments)
    for (option, measure) in [("--features", Measure.samples), ("--annealing", .annealing), ("--chains", .annealing)]
    where arguments.has(option) && !measures.contains(measure) {
      throw LatentError.usage(
        "\(option) is about a measure that is not asked for", remedy: "Give --measure \(measure.rawValue) too")
    }
    let plain = measures.isDisjoint(with: [.samples, .probes]) ? nil : try run.plainTraining(arguments)
    var request = Evaluator.Request(
      examples: examples, split: split, training: plain.map(run.configuration.data.prepared) ?? examples)
    if let plain, measures.contains(.samples) {
      request.plain = (try run.wholeSplit(arguments).examples.prefix(examples.count), plain)
    }
    request.samples = try arguments.integer("--samples", in: 1...10_000_000) ?? 100
    request.measures = measures
    let spaces = FeatureSpace.allCases.map(\.rawValue)
    request.features = try arguments.choice("--features", spaces).flatMap(FeatureSpace.init) ?? .principal
    request.annealing.distributions = try arguments.integer("--annealing", in: 2...1_000_000) ?? 500
    request.annealing.chains = try arguments.integer("--chains", in: 1...10_000) ?? 10
    return request
  }

  /// The measures of a list.
  private static func measures(_ arguments: Arguments) throws -> Set<Measure> {
    guard let list = arguments.text("--measure") else { return [] }
    if list == "all" { return Set(Measure.allCases) }
    let names = Measure.allCases.map(\.rawValue)
    return try Set(
      list.split(separator: ",").map { word in
        if let measure = Measure(rawValue: String(word)) { return measure }
        let nearest = nearestName(to: String(word), among: names)
        throw LatentError.usage(
          "There is no measure \(word)",
          remedy: nearest.map { "Did you mean \($0)?" } ?? "Give some of \(names.joined(separator: ", ")), or all")
      })
  }

  /// What people have read from the object since the first version, whatever the model is.
  private static func fields(
    _ findings: Evaluator.Findings, _ split: String, _ bits: BitsPerDimension, _ run: RunAccess
  ) -> [(String, JSONLine.Value)] {
    let (bound, likelihood) = (findings.bound, findings.likelihood)
    return [
      ("elbo", .optional(likelihood == nil ? nil : bound.elbo)),
      ("elbo_standard_error", .optional(likelihood == nil ? nil : bound.elboError)), ("rate", .number(bound.rate)),
      ("distortion", .number(bound.distortion)), ("nll", .optional(likelihood?.nll)),
      ("nll_standard_error", .optional(likelihood?.error)),
      ("nll_95_low", .optional(likelihood?.interval?.lowerBound)),
      ("nll_95_high", .optional(likelihood?.interval?.upperBound)),
      ("nll_bound", .text(run.configuration.model.hasLatents ? "importance-weighted" : "exact")),
      ("bits_per_dimension", .optional(likelihood.map { bits.perDimension($0.nll) })),
      ("bits_of", .text(bits.kind.rawValue)),
      ("samples", .integer(likelihood?.samples ?? 0)), ("examples", .integer(bound.examples)), ("split", .text(split)),
    ]
  }

  /// A figure that is none of those fields.
  private static func members(_ figure: Figure) -> [(String, JSONLine.Value)] {
    guard !["elbo", "rate", "distortion", "nll", "bits_per_dimension"].contains(figure.key) else { return [] }
    return [(figure.key, .optional(figure.value))]
      + (figure.error.map { [(figure.key + "_standard_error", .number($0))] } ?? [])
  }
}

/// The bar that shows how far a measurement has come.
private final class Progress {
  private var start = Date()
  private var name = ""

  func note(_ name: String, _ share: Double) {
    if name != self.name { (self.name, start) = (name, Date()) }
    let eta = share > 0 ? Terminal.clock(-start.timeIntervalSinceNow * (1 - share) / share) : "-:--"
    Terminal.drawProgress("\(name) \(Terminal.bar(share)) \(Int(share * 100)) %  ETA \(eta)")
  }
}

/// Another run, measured on the same examples.
private struct Comparison {
  private let path: String
  private let other: TrainedModel

  /// - Throws: `LatentError` for a run of other examples.
  init?(_ arguments: Arguments, _ run: RunAccess) throws {
    guard let path = arguments.text("--against") else { return nil }
    let folder = RunFolder(path: path)
    let (mine, theirs) = (run.configuration, try folder.configuration())
    guard mine.data.exampleShape == theirs.data.exampleShape, mine.data.binarization == theirs.data.binarization,
      mine.data.dequantization == theirs.data.dequantization
    else {
      throw LatentError.usage(
        "\(path) was trained on examples of another shape, or made binary or continuous in another way",
        remedy: "Compare runs whose --data, --binarize, and --dequantize are alike")
    }
    let likelihoods = [mine, theirs].map { $0.model.decoder.likelihood.traits.contains(.density) }
    guard likelihoods[0] == likelihoods[1] else {
      throw LatentError.usage(
        "A density of one run is not comparable with a probability of the other",
        remedy: "Compare runs whose likelihoods are both about real numbers, or both about values that can be counted")
    }
    guard mine.model.missingValues == theirs.model.missingValues else {
      throw LatentError.usage(
        "One of the runs leaves missing values out, and the other has none",
        remedy: "Compare runs trained alike, with --missing or without")
    }
    var other = try TrainedModel(run: folder, backend: try arguments.backend())
    other.precision = run.trained.precision
    (self.path, self.other) = (path, other)
  }

  /// The differences, example by example, of this run less the other.
  func measure(
    _ examples: Examples, _ findings: Evaluator.Findings, _ samples: Int, seed: UInt64,
    _ report: @escaping (String, Double) -> Void
  ) throws -> FigureGroup {
    let evaluator = Evaluator(other, seed: seed)
    var figures: [Figure] = []
    if let likelihood = findings.likelihood, other.objective.hasBound {
      let nll = try evaluator.negativeLogLikelihood(examples, samples: samples) { report("likelihood of \(path)", $0) }
      figures.append(
        difference(
          "nll", likelihood.values, nll.values, "below 0: this run is better, importance-weighted, \(samples) samples"))
    }
    let bound = try evaluator.bound(examples)
    figures.append(difference("elbo", findings.bound.values, bound.values, "above 0: this run is better"))
    return FigureGroup("this run less \(path), example by example", figures)
  }

  private func difference(_ name: String, _ mine: [Double], _ theirs: [Double], _ note: String) -> Figure {
    let difference = PairedDifference(mine, theirs)
    return Figure(
      "\(name)_difference", name, difference.mean, error: difference.error, unit: "nats", note: note, digits: 3)
  }
}

extension FigureGroup {
  /// The group as lines for people.
  var table: String {
    let width = max(12, figures.map(\.title.count).max() ?? 0)
    let rows = figures.map { figure in
      let number = figure.value.map { String(format: "%10.\(figure.digits)f", $0) } ?? "         -"
      let error = figure.error.map { String(format: " ± %.\(figure.digits)f", $0) } ?? ""
      let row =
        "  " + figure.title.padding(toLength: width, withPad: " ", startingAt: 0)
        + (number + error).padding(toLength: max(20, (number + error).count + 1), withPad: " ", startingAt: 0)
        + figure.note
      return String(row.reversed().drop { $0 == " " }.reversed())
    }
    return ([title] + rows).joined(separator: "\n")
  }
}
