import Latent

/// `latent verify`.
enum VerifyCommand: Command {
  static let specification = CommandSpecification(
    name: "verify", summary: "Check that nothing a run keeps is damaged: every byte of weights, settings, and samplers",
    operands: [("RUN", "the folder of a run")], example: "latent verify runs/first")

  static func run(_ arguments: Arguments) throws {
    for path in try RunFolder(path: arguments.operand(0) ?? "").verify() { try Terminal.write("sound: \(path)") }
  }
}
