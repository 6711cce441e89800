import Latent

/// `latent interpolate`.
enum InterpolateCommand: Command {
  static let specification = CommandSpecification(
    name: "interpolate", summary: "Show the way between pairs of examples through the latent space",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--rows", value: "N", help: "how many pairs (default 8): examples 0 and 1, 2 and 3, ..."),
      .init(name: "--steps", value: "N", help: "pictures on each way, both ends included (default 10)"),
      .init(name: "--way", value: "WAY", help: "linear (the default), or spherical: on the arc between the codes"),
      .init(name: "--animate", value: nil, help: "a moving picture (APNG): all ways at once, a step in each frame"),
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
    let conditionSize = conditions.count / (2 * rows)
    let alongWays = (0..<rows).flatMap { row -> [Float] in
      let start = Array(conditions[(2 * row * conditionSize)..<((2 * row + 1) * conditionSize)])
      return (0..<steps).flatMap { _ in start }
    }
    let width = generator.latents
    func every(second start: Int) -> [Float] {
      (0..<rows).flatMap { codes[((2 * $0 + start) * width)..<((2 * $0 + start + 1) * width)] }
    }
    let way = try arguments.choice("--way", LatentWay.allCases.map(\.rawValue)).flatMap(LatentWay.init) ?? .linear
    let ways = try generator.ways(way, from: every(second: 0), to: every(second: 1), steps: steps)
    let pictures = try generator.decode(ways, conditions: alongWays)
    guard arguments.has("--animate") else {
      return try writer.write(pictures, shape: generator.exampleShape, columns: steps)
    }
    let size = generator.exampleShape.reduce(1, *)
    let frames = (0..<steps).map { step -> [Float] in
      (0..<rows).flatMap { row -> ArraySlice<Float> in
        let start = (row * steps + step) * size
        return pictures[start..<(start + size)]
      }
    }
    // There and back again, so that it repeats without a jump.
    let back: [[Float]] = frames.dropFirst().dropLast().reversed()
    try writer.write(frames: frames + back, shape: generator.exampleShape)
  }
}

/// `latent traverse`.
enum TraverseCommand: Command {
  static let specification = CommandSpecification(
    name: "traverse", summary: "Vary one latent at a time around an example: a row for each, by their rates",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--example", value: "N", help: "the example to start from (default 0)"),
      .init(name: "--range", value: "X", help: "how far to each side of zero (default 3)"),
      .init(name: "--steps", value: "N", help: "pictures in a row (default 11)"),
      .init(name: "--latents", value: "N", help: "vary the N latents with the largest rates alone (default: all)"),
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
    let order = try Evaluator(run.trained, seed: 0).latentOrder(examples.prefix(1000))
    let latents = Array(order.latents.prefix(try arguments.integer("--latents", in: 1...65_536) ?? generator.latents))
    let rows = generator.traversal(of: code, latents: latents, range: range, steps: steps)
    let conditions = (0..<(latents.count * steps)).flatMap { _ in condition }
    try writer.write(generator.decode(rows, conditions: conditions), shape: generator.exampleShape, columns: steps)
    let names = latents.prefix(20).map { String(format: "z%d (%.2f)", $0, order.measure[$0]) }
    Terminal.writeError(
      "rows by \(order.isRate ? "rate, in nats" : "variance of the codes"): \(names.joined(separator: ", "))"
        + (latents.count > names.count ? ", ..." : ""))
  }
}
