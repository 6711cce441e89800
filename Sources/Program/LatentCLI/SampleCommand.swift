import Latent

/// `latent sample`.
enum SampleCommand: Command {
  static let specification = CommandSpecification(
    name: "sample", summary: "Draw new examples from a model",
    operands: [("RUN", "the folder of a run")],
    options: [
      .init(name: "--count", value: "N", help: "how many (default 64)"),
      .init(name: "--sampler", value: "NAME", help: "what latents are drawn from: \(LatentSource.help)"),
      .init(name: "--components", value: "N", help: "how many components gmm has (default 10)"),
      .init(name: "--refit", value: nil, help: "fit the sampler again, though the run keeps one"),
    ] + .data + .label + .seed + .output + .compute,
    example: "latent sample runs/first --count 64 --seed 1 --out samples.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let count = try arguments.integer("--count", in: 1...100_000) ?? 64
    let seed = try arguments.seed()
    let source = try LatentSource(arguments)
    let name = source.sampler.map { "sample-\($0.kind)-\(seed).png" } ?? "sample-\(seed).png"
    let writer = try ExampleWriter(path: run.output(arguments, default: name), overwrite: arguments.has("--force"))
    let generator = Generator(run.trained)
    func draw(_ count: Int, _ conditions: [Float]) throws -> [Float] {
      try source.latents(count, run, generator, conditions, seed: seed)
    }
    let conditions = try generator.conditions(arguments, count: count)
    guard !conditions.isEmpty else {
      let (values, columns) = try RunPictures.samples(generator, count, drawing: draw)
      return try writer.write(values, shape: generator.exampleShape, columns: columns)
    }
    let columns = Int(Double(count).squareRoot().rounded(.up))
    let values = try generator.decode(draw(count, conditions), conditions: conditions)
    try writer.write(values, shape: generator.exampleShape, columns: columns)
  }
}

/// `latent reconstruct`.
enum ReconstructCommand: Command {
  static let specification = CommandSpecification(
    name: "reconstruct", summary: "Show examples above what the model makes of them",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [.init(name: "--count", value: "N", help: "how many (default 30)")] + .output + .compute,
    example: "latent reconstruct runs/first --count 30 --out reconstructions.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let count = try arguments.integer("--count", in: 1...100_000) ?? 30
    let writer = try ExampleWriter(
      path: run.output(arguments, default: "reconstruct.png"), overwrite: arguments.has("--force"))
    let examples = try run.examples(arguments).examples.prefix(count)
    let generator = Generator(run.trained)
    let isPicture = writer.path.hasSuffix(".png")
    let values =
      isPicture
      ? try RunPictures.reconstructions(generator, examples, columns: 10)
      : try generator.reconstruct(examples)
    try writer.write(values, shape: generator.exampleShape, columns: 10)
  }
}

/// `latent manifold`.
enum ManifoldCommand: Command {
  static let specification = CommandSpecification(
    name: "manifold", summary: "Draw the whole plane of a model with two latents, equally spaced in probability",
    operands: [("RUN", "the folder of a run")],
    options: [.init(name: "--side", value: "N", help: "rows and columns (default 20)")] + .label + .output
      + .compute,
    example: "latent manifold runs/plane --side 20 --out manifold.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let side = try arguments.integer("--side", in: 1...200) ?? 20
    let writer = try ExampleWriter(
      path: run.output(arguments, default: "manifold.png"), overwrite: arguments.has("--force"))
    let generator = Generator(run.trained)
    let conditions = try generator.conditions(arguments, count: side * side)
    try writer.write(
      generator.decode(generator.plane(side: side), conditions: conditions), shape: generator.exampleShape,
      columns: side)
  }
}
