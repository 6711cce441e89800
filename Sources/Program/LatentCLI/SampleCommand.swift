import Foundation
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
      .init(name: "--temperature", value: "X", help: "below 1, probable values become more so (autoregressive models)"),
      .init(name: "--top-k", value: "N", help: "draw each value among the N most probable (autoregressive models)"),
      .init(name: "--complete", value: "FILE", help: "go on with these examples after their upper part (.png, .npy)"),
      .init(name: "--known", value: "SHARE", help: "how much of them is known, from the top (default 0.5)"),
      .init(name: "--refit", value: nil, help: "fit the sampler again, though the run keeps one"),
    ] + .data + .label + .seed + .output + .compute,
    example: "latent sample runs/first --count 64 --seed 1 --out samples.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let count = try arguments.integer("--count", in: 1...100_000) ?? 64
    let seed = try arguments.seed()
    let source = try LatentSource(arguments)
    let completion = try Completion(arguments)
    let drawing = DrawSettings(
      temperature: try arguments.positive("--temperature") ?? 1, topK: try arguments.integer("--top-k", in: 1...65_536))
    let name = source.sampler.map { "sample-\($0.kind)-\(seed).png" } ?? "sample-\(seed).png"
    let writer = try ExampleWriter(
      path: run.output(arguments, default: name), overwrite: arguments.has("--force"),
      table: run.configuration.data.table)
    guard source.sampler == nil || drawing == DrawSettings() || run.configuration.model.isDrawn else {
      throw LatentError.usage(
        "With a sampler nothing is drawn value by value here",
        remedy: "Leave out --sampler, or --temperature and --top-k")
    }
    var generator = try Generator(run.trained, drawing: drawing, seed: seed)
    let progress = DrawingProgress()
    generator.report = progress.note
    defer { Terminal.finishProgress() }
    func draw(_ count: Int, _ conditions: [Float]) throws -> [Float] {
      try source.latents(count, run, generator, conditions, seed: seed)
    }
    let conditions = try generator.conditions(arguments, count: count)
    if let completion {
      let values = try completion.values(count, run, generator, draw(count, conditions), conditions, seed: seed)
      let columns = Int(Double(count).squareRoot().rounded(.up))
      return try writer.write(values, shape: generator.exampleShape, columns: columns)
    }
    guard !conditions.isEmpty else {
      let (values, columns) = try RunPictures.samples(generator, count, drawing: draw)
      return try writer.write(values, shape: generator.exampleShape, columns: columns)
    }
    let columns = Int(Double(count).squareRoot().rounded(.up))
    let values = try generator.decode(draw(count, conditions), conditions: conditions)
    try writer.write(values, shape: generator.exampleShape, columns: columns)
  }
}

/// Shows how far drawing has come, first that of latents and then that of examples.
private final class DrawingProgress {
  private var start = Date()
  private var last = 0.0

  func note(_ share: Double) {
    // The next phase begins where the one before has ended.
    if share < last { start = Date() }
    defer { last = share }
    // Nothing is shown of what is over at once.
    guard -start.timeIntervalSinceNow > 1, share < 1, share > 0 else { return }
    let eta = Terminal.clock(-start.timeIntervalSinceNow * (1 - share) / share)
    Terminal.drawProgress("drawing \(Terminal.bar(share)) \(Int(share * 100)) %  ETA \(eta)")
  }
}

/// Examples to go on with from their upper part: `latent sample --complete`.
private struct Completion {
  private let path: String
  private let known: Double

  /// - Throws: `LatentError` for a share that is none, or one of nothing.
  init?(_ arguments: Arguments) throws {
    let share = try arguments.positive("--known")
    guard let path = arguments.text("--complete") else {
      guard share == nil else {
        throw LatentError.usage(
          "--known is about examples to go on with", remedy: "Give --complete FILE, or leave it out")
      }
      return nil
    }
    guard share ?? 0.5 < 1 else {
      throw LatentError.usage("There is nothing to draw where all is known", remedy: "Give --known a share below 1")
    }
    self.path = path
    known = share ?? 0.5
  }

  private func examples() throws -> Examples {
    guard path.hasSuffix(".png") else { return try Dataset.load(path).train }
    let image = try PNG.read(contentsOf: path)
    return try Examples(bytes: image.pixels, shape: [image.height, image.width, image.channels], source: path)
  }

  /// So many examples, those of the file in turn, with all but their upper part drawn.
  func values(
    _ count: Int, _ run: RunAccess, _ generator: Generator, _ z: [Float], _ conditions: [Float], seed: UInt64
  ) throws -> [Float] {
    let shape = generator.exampleShape
    let examples = try examples()
    guard examples.shape == shape else {
      throw LatentError.usage(
        "The examples of \(path) have shape \(examples.shape), the model was trained on \(shape)",
        remedy: "Give examples of the model's shape")
    }
    try run.configuration.data.check(examples)
    let rows = (0..<count).map { $0 % examples.count }
    // Whole rows of an image, whole values of anything else.
    let unit = shape.count == 3 ? shape[1] * shape[2] : 1
    let units = shape.reduce(1, *) / unit
    return try generator.complete(
      run.configuration.data.prepared(examples).selecting(rows), z, known: Int(known * Double(units)) * unit,
      conditions: conditions, seed: seed)
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
      path: run.output(arguments, default: "reconstruct.png"), overwrite: arguments.has("--force"),
      table: run.configuration.data.table)
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
