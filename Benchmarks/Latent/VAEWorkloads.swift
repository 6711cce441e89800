import Foundation
import Latent

/// The workloads of dense and convolutional autoencoders, built from the library's own models.
enum VAEWorkloads {
  static let dense = VariationalAutoencoder(
    prior: .standardNormal(dimensions: 20), encoder: .mlp(hidden: [500]), decoder: .mlp(hidden: [500]))

  static let importanceWeighted = VariationalAutoencoder(
    prior: .standardNormal(dimensions: 50), encoder: .mlp(hidden: [200, 200]), decoder: .mlp(hidden: [200, 200]))

  static let convolutional = VariationalAutoencoder(
    prior: .standardNormal(dimensions: 64), encoder: .convolutional(channels: [32, 64, 128, 256], hidden: []),
    decoder: .convolutional(channels: [32, 64, 128, 256], hidden: [], likelihood: .normal()))

  static let wideDense = VariationalAutoencoder(
    prior: .standardNormal(dimensions: 64), encoder: .mlp(hidden: [4096, 4096]), decoder: .mlp(hidden: [4096, 4096]))

  static func mlp(_ settings: Settings, batch: Int) throws -> Job { try dense(dense, settings, batch: batch) }

  static func wide(_ settings: Settings) throws -> Job { try dense(wideDense, settings, batch: 100) }

  private static func dense(
    _ specification: VariationalAutoencoder, _ settings: Settings, batch: Int
  ) throws -> Job {
    let model = Model(specification, exampleShape: [784])
    return try trainingStep(settings, model.variables, examples: [batch, 784]) { x in
      -Objective.elbo().terms(model, ExampleBatch(examples: x), mode: .training).elbo.mean()
    }
  }

  static func iwae(_ settings: Settings) throws -> Job {
    let model = Model(importanceWeighted, exampleShape: [784])
    return try trainingStep(settings, model.variables, examples: [20, 784]) { x in
      -(model.logImportanceWeights(x, samples: 50, mode: .training).logSumExp([0]) - log(50.0)).mean()
    }
  }

  static func conv64(_ settings: Settings) throws -> Job {
    let model = Model(convolutional, exampleShape: [64, 64, 3])
    return try trainingStep(settings, model.variables, examples: [64, 64, 64, 3], binary: false) { x in
      -Objective.elbo().terms(model, ExampleBatch(examples: x), mode: .training).elbo.mean()
    }
  }

  /// A model of a specification whose weights are the initial ones.
  private static func untrained(
    _ specification: VariationalAutoencoder, _ examples: Examples, _ settings: Settings
  ) throws -> TrainedModel {
    var trained = try Trainer(
      RunConfiguration(model: specification, batchSize: 1), dataset: Dataset(name: "random", train: examples),
      backend: settings.backend
    ).trained
    trained.precision = settings.precision
    return trained
  }

  private static func images(_ count: Int) throws -> Examples {
    try Examples(floats: randomValues(count * 784).map { $0.rounded() }, shape: [784])
  }

  static func logLikelihood(_ settings: Settings) throws -> Job {
    let examples = try images(100)
    let evaluator = Evaluator(try untrained(importanceWeighted, examples, settings), seed: 1)
    return Job { _ = try evaluator.negativeLogLikelihood(examples, samples: 5000) }
  }

  static func encode(_ settings: Settings) throws -> Job {
    let examples = try images(60_000)
    let generator = Generator(try untrained(dense, examples, settings))
    return Job { try generator.encode(examples) { _ in } }
  }

  static func decode(_ settings: Settings) throws -> Job {
    let generator = Generator(try untrained(dense, images(10), settings))
    let z = randomValues(60_000 * 20).map { 4 * $0 - 2 }
    return Job { try generator.decode(z) { _ in } }
  }

  static func encodeOne(_ settings: Settings) throws -> Job {
    let examples = try images(10)
    let generator = Generator(try untrained(dense, examples, settings))
    let one = examples.prefix(1)
    return Job { try generator.encode(one) { _ in } }
  }

  static func decodeOne(_ settings: Settings) throws -> Job {
    let generator = Generator(try untrained(dense, images(10), settings))
    let z = randomValues(20)
    return Job { try generator.decode(z) { _ in } }
  }

  /// One epoch as a user trains it: shuffling, noise, binarisation, and figures included.
  static func epoch(_ settings: Settings, dataDirectory: String) throws -> Job {
    let dataset = try Dataset.load("mnist", dataDirectory: dataDirectory)
    let data = Dataset(name: dataset.name, train: dataset.train)
    var trainer: Trainer?
    var configuration = try Preset.named("vae").configuration
    configuration.epochs = 1
    configuration.precision = settings.precision
    return Job(
      prepare: { trainer = try Trainer(configuration, dataset: data, backend: settings.backend) },
      step: { try trainer?.run() })
  }
}
