import Foundation
import Latent

/// `latent presets`.
enum PresetsCommand: Command {
  static let specification = CommandSpecification(
    name: "presets", summary: "List the models there are, or print one as configuration",
    operands: [("[NAME]", "the preset whose configuration to print")],
    options: [.init(name: "--kinds", value: nil, help: "list what each part of a model can be instead")],
    example: "latent presets vae")

  static func run(_ arguments: Arguments) throws {
    if arguments.has("--kinds") {
      try list(PriorAxis.self, at: "model.prior")
      try list(PosteriorAxis.self, at: "model.encoder.posterior")
      try list(QuantizerAxis.self, at: "model.encoder.posterior.quantizer")
      try list(LikelihoodAxis.self, at: "model.decoder.likelihood")
      try list(AutoregressiveAxis.self, at: "model.decoder.likelihood.network")
      try list(EncoderAxis.self, at: "model.encoder.network")
      try list(DecoderAxis.self, at: "model.decoder.network")
      try list(BoundAxis.self, at: "objective")
      try Terminal.write("objective")
      try list(Families.builtIn.members(of: ObjectiveTermAxis.self))
      try Terminal.write("latent sample --sampler")
      try list(Families.builtIn.samplers)
      return
    }
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

  private static func list<Axis: FamilyAxis>(_ axis: Axis.Type, at path: String) throws {
    try Terminal.write("\(path).\(axis.kindKey)")
    try list(Families.builtIn.members(of: axis))
  }

  private static func list(_ types: [any Family.Type]) throws {
    let width = types.map { $0.kind.count }.max() ?? 0
    for type in types {
      try Terminal.write("  \(type.kind.padding(toLength: width + 2, withPad: " ", startingAt: 0))\(type.name.summary)")
    }
  }
}

/// `latent version`.
enum VersionCommand: Command {
  static let specification = CommandSpecification(
    name: "version", summary: "Print the version", example: "latent version")

  static func run(_ arguments: Arguments) throws { try Terminal.write("latent \(latentVersion)") }
}
