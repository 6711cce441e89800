import Latent

/// `latent interpolate`.
enum InterpolateCommand: Command {
  static let specification = CommandSpecification(
    name: "interpolate", summary: "Show the way between pairs of examples through the latent space",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--rows", value: "N", help: "how many pairs (default 8): examples 0 and 1, 2 and 3, ..."),
      .init(name: "--steps", value: "N", help: "pictures on each way, both ends included (default 10)"),
    ] + .output + .compute,
    example: "latent interpolate runs/first --rows 8 --steps 10 --out ways.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let rows = try arguments.integer("--rows", in: 1...10_000) ?? 8
    let steps = try arguments.integer("--steps", in: 2...1000) ?? 10
    let writer = try ExampleWriter(
      path: run.output(arguments, default: "interpolate.png"), overwrite: arguments.has("--force"))
    let (examples, split) = try run.examples(arguments)
    guard examples.count >= 2 * rows else {
      throw LatentError.usage(
        "\(rows) pairs need \(2 * rows) examples, but the \(split) split has \(examples.count)",
        remedy: "Give --rows \(examples.count / 2) or less")
    }
    let generator = Generator(run.trained)
    let ends = examples.prefix(2 * rows)
    let codes = try generator.encode(ends)
    // Along a way what it is conditioned on stays as where it starts.
    let conditions = try generator.conditions(of: ends)
    let size = conditions.count / (2 * rows)
    let alongWays = (0..<rows).flatMap { row -> [Float] in
      let start = Array(conditions[(2 * row * size)..<((2 * row + 1) * size)])
      return (0..<steps).flatMap { _ in start }
    }
    let width = generator.latents
    func every(second start: Int) -> [Float] {
      (0..<rows).flatMap { codes[((2 * $0 + start) * width)..<((2 * $0 + start + 1) * width)] }
    }
    let ways = try generator.lines(from: every(second: 0), to: every(second: 1), steps: steps)
    try writer.write(generator.decode(ways, conditions: alongWays), shape: generator.exampleShape, columns: steps)
  }
}

/// `latent traverse`.
enum TraverseCommand: Command {
  static let specification = CommandSpecification(
    name: "traverse", summary: "Vary one latent at a time around an example: a row for each latent",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--example", value: "N", help: "the example to start from (default 0)"),
      .init(name: "--range", value: "X", help: "how far to each side of zero (default 3)"),
      .init(name: "--steps", value: "N", help: "pictures in a row (default 11)"),
    ] + .output + .compute,
    example: "latent traverse runs/first --example 3 --out traverse.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let index = try arguments.integer("--example", in: 0...Int.max) ?? 0
    let range = Float(try arguments.positive("--range") ?? 3)
    let steps = try arguments.integer("--steps", in: 2...1000) ?? 11
    let writer = try ExampleWriter(
      path: run.output(arguments, default: "traverse-\(index).png"), overwrite: arguments.has("--force"))
    let (examples, split) = try run.examples(arguments)
    guard index < examples.count else {
      throw LatentError.usage(
        "There is no example \(index) in the \(split) split", remedy: "Give --example 0 to \(examples.count - 1)")
    }
    let generator = Generator(run.trained)
    let example = examples.selecting([index])
    let code = try generator.encode(example)
    let condition = try generator.conditions(of: example)
    let rows = (0..<generator.latents).flatMap { latent in
      (0..<steps).flatMap { step in
        var z = code
        z[latent] = range * (2 * Float(step) / Float(steps - 1) - 1)
        return z
      }
    }
    let conditions = (0..<(generator.latents * steps)).flatMap { _ in condition }
    try writer.write(
      generator.decode(rows, conditions: conditions), shape: generator.exampleShape, columns: steps)
  }
}
