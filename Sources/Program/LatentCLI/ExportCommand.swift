import Foundation
import Latent

/// `latent export`.
enum ExportCommand: Command {
  static let specification = CommandSpecification(
    name: "export", summary: "Write encoder and decoder for other programs: ONNX, StableHLO, safetensors, PyTorch",
    operands: [("RUN", "the folder of a run")],
    options: [
      .init(name: "--format", value: "FORMAT", help: "onnx (the default), stablehlo, safetensors, or torch-state"),
      .init(name: "--part", value: "PART", help: "encoder, decoder, or both (the default): a file each"),
      .init(name: "--out", value: "FOLDER", help: "where to write them (default RUN/export)"),
      .init(
        name: "--batch-size", value: "N", help: "examples at once, where that is not left open: StableHLO (default 1)"),
      .init(name: "--force", value: nil, help: "replace what is there"),
      .init(name: "--json", value: nil, help: "print one JSON object"),
    ],
    example: "latent export runs/first --format onnx --part decoder --out models")

  static func run(_ arguments: Arguments) throws {
    let names = ExportFormat.allCases.map(\.rawValue)
    let name = try arguments.choice("--format", names) ?? ExportFormat.onnx.rawValue
    let format = ExportFormat(rawValue: name) ?? .onnx
    let part = try arguments.choice("--part", ModelPart.allCases.map(\.rawValue) + ["both"]) ?? "both"
    let parts = ModelPart.allCases.filter { part == "both" || $0.rawValue == part }
    let batchSize = try arguments.integer("--batch-size", in: 1...65_536)
    guard batchSize == nil || format == .stablehlo else {
      throw LatentError.usage(
        "--batch-size is about StableHLO alone; other forms take any number of examples", remedy: "Leave it out")
    }
    let run = try RunAccess(arguments)
    let folder = arguments.text("--out") ?? run.folder.path + "/export"
    let paths = parts.map { folder + "/" + $0.rawValue + format.ending }
    for path in paths where !arguments.has("--force") && FileManager.default.fileExists(atPath: path) {
      throw LatentError.usage("\(path) exists already", remedy: "Give --force to replace it, or another --out")
    }
    // All of it is made before any of it is written.
    let files = try parts.map { try run.trained.exported($0, as: format, batchSize: batchSize ?? 1) }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw LatentError.failure(
        "The folder \(folder) cannot be made: \(error.localizedDescription)", remedy: "Give --out another place")
    }
    for (path, data) in zip(paths, files) {
      try AtomicFile.write(data, to: path, overwrite: arguments.has("--force"))
      if !arguments.has("--json") { Terminal.writeError("wrote \(path) (\(data.count) bytes)") }
    }
    if arguments.has("--json") {
      try Terminal.write(
        JSONLine([("format", .text(format.rawValue))] + zip(parts, paths).map { ($0.rawValue, .text($1)) }))
    }
  }
}
