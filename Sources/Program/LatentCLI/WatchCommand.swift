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
    let server = try PageServer(port: try arguments.integer("--port", in: 0...65_535) ?? 0)
    try Terminal.write(server.address)
    Terminal.writeError("the report of \(folder.path) is at \(server.address) until this is stopped (control-C)")
    var latest: (epochs: Int, html: String)?
    server.serve {
      let metrics = try folder.metrics()
      if let latest, latest.epochs == metrics.count { return latest.html }
      let html = try page(folder, metrics, arguments, refresh)
      latest = (metrics.count, html)
      return html
    }
  }

  private static func page(
    _ folder: RunFolder, _ metrics: [EpochMetrics], _ arguments: Arguments, _ refresh: Int
  ) throws -> String {
    let configuration = try folder.configuration()
    let isDone = (metrics.last?.epoch ?? 0) >= configuration.epochs
    let run: ReportRun
    if metrics.isEmpty {
      run = ReportRun(name: RunAccess.name(of: folder), configuration: configuration, metrics: metrics)
    } else {
      let access = try RunAccess(arguments)
      run = try ReportRun(access, name: access.name, samples: 10, arguments)
    }
    return try ReportPage([run], refresh: isDone ? nil : refresh).html
  }
}
