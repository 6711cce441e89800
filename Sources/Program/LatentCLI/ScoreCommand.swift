import Foundation
import Latent

/// `latent score`.
enum ScoreCommand: Command {
  static let specification = CommandSpecification(
    name: "score", summary: "Say how unlike the training data each example is, the most unlike first",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--samples", value: "K", help: "importance samples for the likelihood (default 50)"),
      .init(name: "--limit", value: "N", help: "use at most N examples"),
      .init(name: "--out", value: "FILE", help: "where to write the table (.csv)"),
      .init(name: "--picture", value: "FILE", help: "where to draw the 100 most unlike examples (.png)"),
      .init(name: "--force", value: nil, help: "replace what is there"),
    ] + .seed + .compute + [.init(name: "--json", value: nil, help: "print one JSON object")],
    example: "latent score runs/first --data new.npy --out scores.csv --picture worst.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let samples = try arguments.integer("--samples", in: 1...1_000_000) ?? 50
    let path = run.output(arguments, default: "scores.csv")
    guard path.hasSuffix(".csv") else {
      throw LatentError.usage("\(path) is no table by its name", remedy: "End the name in .csv")
    }
    try refuseExisting(path, arguments)
    let picture = try arguments.text("--picture").map { path in
      guard path.hasSuffix(".png") else {
        throw LatentError.usage("\(path) is no picture by its name", remedy: "End the name in .png")
      }
      return try ExampleWriter(path: path, overwrite: arguments.has("--force"))
    }
    let (examples, split) = try run.examples(arguments)
    let heldOut = try run.heldOut(arguments)
    let isSame = arguments.text("--data") == nil && split == heldOut.split && !arguments.has("--limit")
    let evaluator = Evaluator(run.trained, seed: try arguments.seed())
    let scores = try evaluator.anomalyScores(examples, samples: samples)
    let reference = isSame ? scores : try evaluator.anomalyScores(heldOut.examples, samples: samples)
    let result = AnomalyScores(scores, heldOut: reference, isAmongHeldOut: isSame)
    let order = result.worstFirst
    let rows = order.map { ["\($0)", String(format: "%.6g", scores[$0]), String(format: "%.4g", result.pValues[$0])] }
    let text = DelimitedText.text([["example", "negative_log_likelihood", "p_value"]] + rows)
    try AtomicFile.write(Data(text.utf8), to: path, overwrite: arguments.has("--force"))
    if let picture {
      let worst = examples.selecting(Array(order.prefix(100)))
      var values = [Float](repeating: 0, count: worst.count * worst.dimensions)
      try values.withUnsafeMutableBufferPointer { try worst.copyRange(0..<worst.count, into: $0) }
      try picture.write(values, shape: worst.shape, columns: 10)
    }
    let counts = [0.05, 0.01].map { level in result.pValues.count { $0 <= level } }
    guard !arguments.has("--json") else {
      return try Terminal.write(
        JSONLine([
          ("table", .text(path)), ("examples", .integer(scores.count)), ("split", .text(split)),
          ("samples", .integer(samples)), ("held_out", .text(heldOut.split)),
          ("held_out_examples", .integer(reference.count)), ("p_at_most_0.05", .integer(counts[0])),
          ("p_at_most_0.01", .integer(counts[1])), ("worst", .integer(order[0])),
        ]))
    }
    if heldOut.split == "train" {
      Terminal.writeError(
        "latent: warning: the run has no held-out examples, so that p-values are too small; train with --validation N")
    }
    try Terminal.write(
      """
      \(scores.count) examples of \(arguments.text("--data") ?? "the \(split) split"), against \(reference.count) of the \
      \(heldOut.split) split
        p <= 0.05   \(counts[0]) examples, \(Int(0.05 * Double(scores.count))) expected of examples like those
        p <= 0.01   \(counts[1]) examples, \(Int(0.01 * Double(scores.count))) expected
        worst       example \(order[0]), \(String(format: "%.2f", scores[order[0]])) nats, p = \
      \(String(format: "%.2g", result.pValues[order[0]]))
      """)
    Terminal.writeError("wrote \(path)")
  }

  private static func refuseExisting(_ path: String, _ arguments: Arguments) throws {
    guard !arguments.has("--force"), FileManager.default.fileExists(atPath: path) else { return }
    throw LatentError.usage("\(path) exists already", remedy: "Give --force to replace it, or another name")
  }
}
