import Foundation
import Latent
import LatentPages

/// `latent explore`.
enum ExploreCommand: Command {
  static let specification = CommandSpecification(
    name: "explore", summary: "Make a page with sliders for the latents, whose decoder runs in the browser",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--limit", value: "N", help: "use at most N examples (a page shows up to 1000)"),
      .init(name: "--out", value: "FILE", help: "where to write it (.html)"),
      .init(name: "--force", value: nil, help: "replace what is there"),
    ] + .seed + .compute,
    example: "latent explore runs/first --out explorer.html")

  static func run(_ arguments: Arguments) throws {
    let run = try RunAccess(arguments)
    let writer = try PageWriter(run.output(arguments, default: "explorer.html"), arguments)
    try run.trained.requireLatents()
    let (examples, split) = try run.examples(arguments)
    let page = try ExplorerPage(
      run.trained, examples: examples, split: split, name: run.name, seed: try arguments.seed())
    try writer.write(page.html)
  }
}

/// Writes a page, and says so.
struct PageWriter {
  private let path: String
  private let overwrite: Bool

  /// - Throws: `LatentError` when the name has another ending, or the file is there and may not be replaced.
  init(_ path: String, _ arguments: Arguments) throws {
    guard path.hasSuffix(".html") else {
      throw LatentError.usage("\(path) is no page by its name", remedy: "End the name in .html")
    }
    overwrite = arguments.has("--force")
    guard overwrite || !FileManager.default.fileExists(atPath: path) else {
      throw LatentError.usage("\(path) exists already", remedy: "Give --force to replace it, or another name")
    }
    self.path = path
  }

  func write(_ html: String) throws {
    try AtomicFile.write(Data(html.utf8), to: path, overwrite: overwrite)
    Terminal.writeError("wrote \(path)")
  }
}
