import Foundation
import Latent

/// `latent profile`.
enum ProfileCommand: Command {
  static let specification = CommandSpecification(
    name: "profile", summary: "Show where the time of a training step goes",
    operands: [("RUN|PRESET", "the folder of a run, or the name of a preset")],
    options: [
      .init(name: "--batch-size", value: "N", help: "examples in a step"),
      .init(name: "--plan", value: nil, help: "print what each step computes, reads, and writes, without running it"),
      .init(name: "--trace", value: "FILE", help: "write the steps as a Chrome trace (.json)"),
      .init(name: "--force", value: nil, help: "replace what is there"),
    ] + .compute,
    example: "latent profile vae --trace trace.json")

  static func run(_ arguments: Arguments) throws {
    let name = arguments.operand(0) ?? ""
    let folder = RunFolder(path: name)
    var configuration: RunConfiguration
    if FileManager.default.fileExists(atPath: folder.configurationPath) {
      configuration = try folder.configuration()
    } else {
      configuration = try Preset.named(name).configuration
    }
    if let size = try arguments.integer("--batch-size", in: 1...1_000_000) { configuration.batchSize = size }
    if let precision = try arguments.precision() { configuration.precision = precision }
    let named = NamedDataset.named(configuration.data.name)?.shape ?? []
    let shape = configuration.data.exampleShape.isEmpty ? named : configuration.data.exampleShape
    if arguments.has("--plan") {
      guard arguments.text("--trace") == nil else {
        throw LatentError.usage("--plan runs nothing that could be traced", remedy: "Give --plan or --trace")
      }
      return try Terminal.write(configuration.plan(exampleShape: shape, backend: arguments.backend()).text)
    }
    let report = try configuration.profile(exampleShape: shape, backend: arguments.backend())
    if let path = arguments.text("--trace") {
      try AtomicFile.write(report.chromeTrace(), to: path, overwrite: arguments.has("--force"))
    }
    try Terminal.write(report.table)
  }
}
