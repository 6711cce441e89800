import Foundation
import Latent

/// `latent arithmetic`.
enum ArithmeticCommand: Command {
  static let specification = CommandSpecification(
    name: "arithmetic",
    summary: "Add what one class has more than another to examples: mean code of one minus the other's",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--plus", value: "N", help: "the class whose mean code is added"),
      .init(name: "--minus", value: "N", help: "the class whose mean code is taken away; its examples are those shown"),
      .init(name: "--rows", value: "N", help: "how many examples (default 8)"),
      .init(name: "--steps", value: "N", help: "pictures from nothing of the difference to all of it (default 7)"),
      .init(name: "--strength", value: "X", help: "how many times the difference is added in the end (default 1)"),
    ] + .output + .compute,
    example: "latent arithmetic runs/first --minus 3 --plus 8 --out eights.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let most = Int(Int32.max)
    guard let plus = try arguments.integer("--plus", in: 0...most),
      let minus = try arguments.integer("--minus", in: 0...most)
    else {
      throw LatentError.usage(
        "`latent arithmetic` needs two classes", remedy: "Give --minus N, whose examples are shown, and --plus N")
    }
    let rows = try arguments.integer("--rows", in: 1...10_000) ?? 8
    let steps = try arguments.integer("--steps", in: 2...1000) ?? 7
    let strength = Float(try arguments.positive("--strength") ?? 1)
    let writer = try ExampleWriter(
      path: run.output(arguments, default: "arithmetic.png"), overwrite: arguments.has("--force"))
    let (examples, split) = try run.examples(arguments)
    guard let labels = examples.labels else {
      throw LatentError.usage(
        "The \(split) split has no labels", remedy: "Use data with labels (train-labels.npy beside train.npy)")
    }
    func members(_ label: Int) throws -> Examples {
      let places = labels.indices.filter { Int(labels[$0]) == label }
      guard !places.isEmpty else {
        throw LatentError.usage(
          "The \(split) split has no examples of class \(label)", remedy: "Give a class of `latent data info`")
      }
      return examples.selecting(Array(places.prefix(2000)))
    }
    let (shown, added) = (try members(minus), try members(plus))
    guard shown.count >= rows else {
      throw LatentError.usage(
        "The \(split) split has \(shown.count) examples of class \(minus)", remedy: "Give --rows \(shown.count) or less"
      )
    }
    let generator = Generator(run.trained)
    let codes = try generator.encode(shown)
    let difference = zip(
      mean(try generator.encode(added), generator.latents), mean(codes, generator.latents)
    ).map { $0 - $1 }
    let ways = (0..<rows).flatMap { row in
      (0..<steps).flatMap { step -> [Float] in
        let share = strength * Float(step) / Float(steps - 1)
        return difference.indices.map { codes[row * generator.latents + $0] + share * difference[$0] }
      }
    }
    let conditions = try generator.conditions(of: shown.prefix(rows))
    let size = conditions.count / rows
    let alongRows = (0..<rows).flatMap { row in
      (0..<steps).flatMap { _ in conditions[(row * size)..<((row + 1) * size)] }
    }
    try writer.write(generator.decode(ways, conditions: alongRows), shape: generator.exampleShape, columns: steps)
  }

  /// The mean of rows of latents.
  private static func mean(_ codes: [Float], _ width: Int) -> [Float] {
    (0..<width).map { latent in
      let values = stride(from: latent, to: codes.count, by: width).map { Double(codes[$0]) }
      return Float(values.reduce(0, +) / Double(values.count))
    }
  }
}
