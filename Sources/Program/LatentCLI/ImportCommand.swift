import Foundation
import Latent

/// `latent import`.
enum ImportCommand: Command {
  static let specification = CommandSpecification(
    name: "import", summary: "Make a run of weights that another program trained (safetensors, .npz)",
    operands: [("PRESET", "a preset of `latent presets` with the model's layers")],
    options: .data + [
      .init(name: "--weights", value: "FILE", help: "the weights (.safetensors or .npz)"),
      .init(
        name: "--names", value: "FILE",
        help: "which array each weight is: a JSON object such as {\"decoder/output/kernel\": \"fc4.weight\"}"),
      .init(name: "--out", value: "RUN", help: "the run's folder, which must not hold one"),
      .init(name: "--config", value: "FILE", help: "settings from a JSON file (all or some of a config.json)"),
      .init(name: "--set", value: "KEY=VALUE", help: "one setting, such as model.prior.dimensions=10", repeats: true),
      .init(name: "--missing", value: nil, help: "NaN stands for missing values"),
      .init(name: "--binarize", value: "HOW", help: "grey values to zeros and ones: none, static, or stochastic"),
    ],
    example: "latent import vae --data mnist --weights theirs.safetensors --names names.json --out runs/theirs")

  static func run(_ arguments: Arguments) throws {
    guard let weights = arguments.text("--weights"), let out = arguments.text("--out") else {
      throw LatentError.usage(
        "`latent import` needs weights, and a folder for the run", remedy: "Give --weights FILE and --out RUN")
    }
    let names = try arguments.text("--names").map { path in
      guard let names = try? JSONDecoder().decode([String: String].self, from: FileReading.data(at: path)) else {
        throw LatentError.usage(
          "\(path) is no JSON object from names to names",
          remedy: "Write it as {\"decoder/output/kernel\": \"fc4.weight\"}")
      }
      return names
    }
    let configuration = try TrainCommand.newConfiguration(arguments)
    let dataset = try configuration.data.load(missingValues: configuration.model.missingValues)
    let trainer = try Trainer(configuration, dataset: dataset)
    let trained = trainer.trained
    let taken = try trained.importWeights(from: weights, names: names)
    try trained.save(to: RunFolder(path: out), configuration: trainer.configuration)
    Terminal.writeError(
      "\(taken.count) of \(trained.model.variables.count) weights are those of \(weights); the run is in \(out)")
  }
}
