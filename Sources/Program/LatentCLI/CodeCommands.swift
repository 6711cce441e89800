import Foundation
import Latent

/// `latent encode`.
enum EncodeCommand: Command {
  static let specification = CommandSpecification(
    name: "encode", summary: "Write the posterior means of examples, one row each",
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
    try writer.write(
      generator.encode(run.examples(arguments).examples), shape: [generator.latents], columns: 1)
  }
}

/// `latent decode`.
enum DecodeCommand: Command {
  static let specification = CommandSpecification(
    name: "decode", summary: "Turn latents back into examples",
    operands: [("RUN", "the folder of a run"), ("CODES", "an array of latents, one row each (.npy)")],
    options: .label + .output + .compute, example: "latent decode runs/first z.npy --out x.png")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let source = arguments.operand(1) ?? ""
    let codes = try NPY.read(contentsOf: source)
    let generator = Generator(run.trained)
    guard codes.shape.count == 2, codes.shape[1] == generator.latents, codes.shape[0] > 0 else {
      throw LatentError.usage(
        "\(source) has shape \(codes.shape), the model needs [rows, \(generator.latents)]",
        remedy: "Give codes that `latent encode` wrote for this run")
    }
    let values = codes.floats()
    guard values.allSatisfy(\.isFinite) else {
      throw LatentError.failure("\(source) has values that are not finite numbers", remedy: "Remove those rows")
    }
    let writer = try ExampleWriter(
      path: run.output(arguments, default: "decoded.png"), overwrite: arguments.has("--force"))
    let columns = Int(Double(codes.shape[0]).squareRoot().rounded(.up))
    let conditions = try generator.conditions(arguments, count: codes.shape[0])
    try writer.write(
      generator.decode(values, conditions: conditions), shape: generator.exampleShape, columns: columns)
  }
}
