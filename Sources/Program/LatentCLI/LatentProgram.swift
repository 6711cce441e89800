import Foundation
import Latent

/// The program: picks the command, runs it, and turns errors into sentences and an exit status.
@main
struct LatentProgram {
  static var commands: [any Command.Type] {
    [
      TrainCommand.self, EvaluateCommand.self, ScoreCommand.self, ImputeCommand.self,
      SampleCommand.self, ReconstructCommand.self,
      InterpolateCommand.self, ArithmeticCommand.self,
      TraverseCommand.self, ManifoldCommand.self, ReportCommand.self, WatchCommand.self, ExploreCommand.self,
      EncodeCommand.self, DecodeCommand.self, ExportCommand.self, ImportCommand.self,
      ProfileCommand.self,
      DiagnoseCommand.self, VerifyCommand.self, PresetsCommand.self, ReproduceCommand.self, DataCommand.self,
      CompletionsCommand.self, VersionCommand.self,
    ]
  }

  static func main() {
    Terminal.prepare()
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch let error as LatentError {
      Terminal.finishProgress()
      Terminal.writeError("latent: \(error)")
      exit(error.category == .usage ? 2 : 1)
    } catch let interruption as Interruption {
      Terminal.finishProgress()
      Terminal.writeError("latent: \(interruption.remark)")
      exit(interruption.exitStatus)
    } catch {
      Terminal.finishProgress()
      Terminal.writeError("latent: \(error.localizedDescription)")
      exit(1)
    }
  }

  static func run(_ words: [String]) throws {
    guard let first = words.first else {
      Terminal.writeError(help)
      exit(2)
    }
    if first == "--help" || first == "-h" || (first == "help" && words.count == 1) { return try Terminal.write(help) }
    if first == "--version" { return try VersionCommand.run(Arguments()) }
    let name = first == "help" ? words[1] : first
    guard let command = commands.first(where: { $0.specification.name == name }) else {
      let nearest = nearestName(to: name, among: commands.map { $0.specification.name })
      throw LatentError.usage(
        "There is no command \(name)",
        remedy: nearest.map { "Did you mean `latent \($0)`?" } ?? "See `latent --help` for those there are")
    }
    let rest = Array(words.dropFirst())
    if first == "help" || rest.contains("--help") || rest.contains("-h") {
      return try Terminal.write(command.specification.help)
    }
    try command.run(try Arguments(rest, for: command.specification))
  }

  static var help: String {
    let width = commands.map { $0.specification.name.count }.max() ?? 0
    let list = commands.map { command in
      let name = command.specification.name
      return "  " + name + String(repeating: " ", count: width - name.count + 2) + command.specification.summary
    }
    return """
      latent: train, measure, and use variational autoencoders

      Usage: latent COMMAND [OPTIONS]

      \(list.joined(separator: "\n"))

      `latent COMMAND --help` says more and gives an example. To begin:

        latent train vae --data mnist --out runs/first
        latent sample runs/first --out samples.png
      """
  }
}
