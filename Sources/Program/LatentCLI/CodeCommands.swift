import Foundation
import Latent

/// `latent encode`.
enum EncodeCommand: Command {
  static let specification = CommandSpecification(
    name: "encode", summary: "Write the posterior means of examples, or their codes, one row each",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [.init(name: "--limit", value: "N", help: "use at most N examples")] + [
      .init(name: "--out", value: "FILE", help: "where to write them (.npy)"),
      .init(name: "--force", value: nil, help: "replace what is there"),
    ] + .compute,
    example: "latent encode runs/first --data mnist --split test --out z.npy")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let path = run.output(arguments, default: "codes.npy")
    guard path.hasSuffix(".npy") else {
      throw LatentError.usage("Codes are numbers, but \(path) is not named as an array", remedy: "End the name in .npy")
    }
    let writer = try ExampleWriter(path: path, overwrite: arguments.has("--force"))
    let generator = Generator(run.trained)
    let examples = try run.examples(arguments).examples
    guard let codeShape = generator.codeShape else {
      return try writer.write(generator.encode(examples), shape: [generator.latents], columns: 1)
    }
    try writer.write(whole: generator.codes(of: examples), shape: codeShape)
  }
}

/// `latent decode`.
enum DecodeCommand: Command {
  static let specification = CommandSpecification(
    name: "decode", summary: "Turn latents back into examples",
    operands: [("RUN", "the folder of a run"), ("CODES", "an array of latents, or of codes, one row each (.npy)")],
    options: .label + .output + .compute, example: "latent decode runs/first z.npy --out x.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let source = arguments.operand(1) ?? ""
    try run.trained.requireLatents()
    let codes = try NPY.read(contentsOf: source)
    let generator = Generator(run.trained)
    let values = try latents(codes, of: generator, source)
    let writer = try ExampleWriter(
      path: run.output(arguments, default: "decoded.png"), overwrite: arguments.has("--force"))
    let columns = Int(Double(codes.shape[0]).squareRoot().rounded(.up))
    let conditions = try generator.conditions(arguments, count: codes.shape[0])
    try writer.write(
      generator.decode(values, conditions: conditions), shape: generator.exampleShape, columns: columns)
  }

  /// The rows of an array as latents, those of whole numbers for a model with codes by way of its codebooks.
  private static func latents(_ array: NumericArray, of generator: Generator, _ source: String) throws -> [Float] {
    let values = array.floats()
    guard values.allSatisfy(\.isFinite) else {
      throw LatentError.failure("\(source) has values that are not finite numbers", remedy: "Remove those rows")
    }
    if array.shape.count == 2, array.shape[1] == generator.latents, array.shape[0] > 0 { return values }
    if let codeShape = generator.codeShape, array.shape.count == 3, array.shape[1] == codeShape[0], array.shape[0] > 0 {
      let codes = values.map { Int32(exactly: $0) ?? -1 }
      return try generator.latents(ofCodes: codes, indices: array.shape[2])
    }
    let ofCodes = generator.codeShape.map { " or [rows, \($0[0]), \($0[1])]" } ?? ""
    throw LatentError.usage(
      "\(source) has shape \(array.shape), the model needs [rows, \(generator.latents)]\(ofCodes)",
      remedy: "Give codes that `latent encode` wrote for this run")
  }
}
