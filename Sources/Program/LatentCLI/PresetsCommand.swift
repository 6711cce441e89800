import Foundation
import Latent

/// `latent presets`.
enum PresetsCommand: Command {
  static let specification = CommandSpecification(
    name: "presets", summary: "List the models there are, or print one as configuration",
    operands: [("[NAME]", "the preset whose configuration to print")], example: "latent presets vae")

  static func run(_ arguments: Arguments) throws {
    if let name = arguments.operand(0) {
      let json = try Preset.named(name).configuration.json()
      return try Terminal.write(String(decoding: json, as: UTF8.self), terminator: "")
    }
    let width = Preset.all.map(\.name.count).max() ?? 0
    for preset in Preset.all {
      let name = preset.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
      try Terminal.write("\(name)\(preset.summary) (\(preset.paper))")
    }
  }
}

/// `latent version`.
enum VersionCommand: Command {
  static let specification = CommandSpecification(
    name: "version", summary: "Print the version", example: "latent version")

  static func run(_ arguments: Arguments) throws { try Terminal.write("latent \(latentVersion)") }
}
