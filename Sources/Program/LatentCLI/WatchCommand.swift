import Foundation
import Latent
import LatentPages

/// `latent watch`.
enum WatchCommand: Command {
  static let specification = CommandSpecification(
    name: "watch", summary: "Serve the report of a run that is still training, for a browser on this machine",
    operands: [("RUN", "the folder of a run")],
    options: .data + .split + [
      .init(name: "--samples", value: "K", help: "importance samples for the likelihood (default 10)"),
      .init(name: "--limit", value: "N", help: "use at most N examples (default 1000)"),
      .init(name: "--port", value: "N", help: "the port on the loopback address (default: any that is free)"),
      .init(name: "--refresh", value: "SECONDS", help: "how often the page is asked for again (default 5)"),
    ] + .seed + .compute,
    example: "latent watch runs/first --port 8000")

  static func run(_ arguments: Arguments) throws {
    let folder = RunFolder(path: arguments.operand(0) ?? "")
    _ = try folder.configuration()
    let refresh = try arguments.integer("--refresh", in: 1...3600) ?? 5
    // What is wrong with the rest is to be said here, and not in a browser.
    _ = try (
      arguments.integer("--samples", in: 1...10_000_000), arguments.integer("--limit", in: 1...Int.max),
      arguments.seed(),
      arguments.choice("--split", ["train", "validation", "test"]), arguments.backend(), arguments.precision()
    )
    let server = try PageServer(port: try arguments.integer("--port", in: 0...65_535) ?? 0)
    try Terminal.write(server.address)
    Terminal.writeError("the report of \(folder.path) is at \(server.address) until this is stopped (control-C)")
    var latest: (state: State, html: String)?
    server.serve {
      do {
        let state = try State(folder)
        if let latest, latest.state == state { return latest.html }
        let html = try page(folder, state, arguments, refresh)
        latest = (state, html)
        return html
      } catch let error as LatentError {
        // Such as a checkpoint that is being written for the first time: the page asks again.
        return ReportPage.failure("\(error)", refresh: refresh)
      }
    }
  }

  /// How far the training has come, by what it has written last: figures come first, and then the weights.
  private struct State: Equatable {
    let metrics: [EpochMetrics]
    let epochs: Int
    let isDone: Bool

    init(_ folder: RunFolder) throws {
      let progress = try folder.progress()
      metrics = try folder.metrics()
      epochs = progress?.epoch ?? 0
      isDone = try progress.map(folder.configuration().isComplete) ?? false
    }
  }

  private static func page(
    _ folder: RunFolder, _ state: State, _ arguments: Arguments, _ refresh: Int
  ) throws -> String {
    let run: ReportRun
    if state.epochs == 0 {
      run = ReportRun(
        name: RunAccess.name(of: folder), configuration: try folder.configuration(), metrics: state.metrics)
    } else {
      let access = try RunAccess(arguments)
      run = try ReportRun(access, name: access.name, samples: 10, arguments)
    }
    return try ReportPage([run], refresh: state.isDone ? nil : refresh).html
  }
}
