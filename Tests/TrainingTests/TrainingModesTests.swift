import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentTraining

/// What training does besides going through the examples: schedules, held-out examples, labels, missing values.
@Suite(.serialized) struct TrainingModesTests {
  private let folder: TemporaryFolder
  private let data: Dataset

  init() throws {
    folder = try TemporaryFolder()
    data = Dataset(name: "bars", train: try smallImages(200))
  }

  private func train(_ configuration: RunConfiguration, _ name: String, resuming: Bool = false) throws
    -> Data
  {
    let run = RunFolder(path: folder.file(name))
    if !resuming { try run.create(replacing: false) }
    try Trainer(configuration, dataset: data, folder: run, resuming: resuming).run()
    return try FileReading.data(at: run.checkpointPath)
  }

  private static func configuration(_ change: (inout RunConfiguration) -> Void) -> RunConfiguration {
    var result = RunConfiguration(
      model: smallModel(latents: 3, hidden: [12]), optimizer: .adam(learningRate: 5e-3), batchSize: 40, epochs: 4,
      seed: 1)
    change(&result)
    return result
  }

  static let modes: [(name: String, configuration: RunConfiguration)] = [
    ("annealing", configuration { $0.objective.beta = .cyclical(epochs: 3, cycles: 2) }),
    ("lagging", configuration { $0.lagging = LaggingInference(maximumSteps: 6, window: 2) }),
    (
      "density ratio",
      configuration {
        $0.objective.totalCorrelation.weight = .constant(2)
        $0.objective.totalCorrelation.estimator = .densityRatio
        $0.objective.totalCorrelation.hidden = [8]
      }
    ),
    ("baseline", configuration { $0.objective.gradient = .scoreFunctionWithBaseline }),
    ("best variance", configuration { $0.model.decoder.likelihood = .normal(variance: .optimal) }),
    ("batch normalisation", configuration { $0.model.encoder.network = .mlp(hidden: [12], unit: .batchNormalized) }),
    ("VampPrior", configuration { $0.model.prior = .vampPrior(dimensions: 3, components: 4) }),
    (
      "early stopping",
      configuration {
        $0.data.validation = 50
        $0.patience = 3
      }
    ),
  ]

  /// Stopped after two epochs, and ended after its eighth step, within the second.
  @Test(arguments: Self.modes.indices)
  func resumingIsAsIfNeverStopped(_ index: Int) throws {
    let (name, configuration) = Self.modes[index]
    let whole = try train(configuration, "whole")
    var half = configuration
    half.epochs = 2
    _ = try train(half, "halves")
    var rest = try RunFolder(path: folder.file("halves")).configuration()
    rest.epochs = 4
    #expect(try train(rest, "halves", resuming: true) == whole, "\(name)")
    let ended = RunFolder(path: folder.file("ended"))
    try ended.create(replacing: false)
    var steps = 0
    #expect(throws: CancellationError.self) {
      try Trainer(configuration, dataset: data, folder: ended).run {
        if case .step = $0 { steps += 1 }
        if steps == 8 { throw CancellationError() }
      }
    }
    #expect(try train(ended.configuration(), "ended", resuming: true) == whole, "\(name)")
  }

  @Test func aTrainedModelCanBeBegunWith() throws {
    let averaging = Self.configuration { $0.optimizer.averageDecay = 0.9 }
    let origin = try Trainer(averaging, dataset: data)
    try origin.run()
    func codes(_ trainer: Trainer) throws -> [Float] { try Generator(trainer.trained).encode(data.train) }
    let reached = try codes(origin)
    // It is the averaged weights that the next begins with, and its own averages.
    for decay in [0, 0.9] {
      let next = try Trainer(
        Self.configuration {
          $0.optimizer.averageDecay = decay
          $0.objective = .importanceWeighted(4)
          $0.seed = 7
        }, dataset: data, startingFrom: origin.trained)
      #expect(try codes(next) == reached)
      #expect(try next.run().score.isFinite)
      #expect(try codes(origin) == reached)
    }
    let other = #expect(throws: LatentError.self) {
      try Trainer(
        Self.configuration { $0.model = smallModel(latents: 3, hidden: [13]) }, dataset: data,
        startingFrom: origin.trained)
    }
    #expect(other?.problem.contains("no weights encoder/") == true, "\(other?.problem ?? "")")
  }

  @Test func annealingChangesWhatIsMaximisedNotWhatIsReported() throws {
    let trainer = try Trainer(
      Self.configuration {
        $0.objective.beta = .linear(from: 0, to: 1, epochs: 4)
        $0.epochs = 6
      }, dataset: data)
    var log: [EpochMetrics] = []
    try trainer.run { if case .metrics(let metrics) = $0, metrics.split == "train" { log.append(metrics) } }
    for metrics in log {
      #expect(abs((metrics.elbo ?? 0) + (metrics.rate ?? 0) + (metrics.distortion ?? 0)) < 1e-6)
    }
    // At first the rate costs nothing, at last everything.
    #expect(try #require(log[0].objective) > #require(log[0].elbo) + 0.5 * #require(log[0].rate))
    #expect(abs(try #require(log[5].objective) - #require(log[5].elbo)) < 1e-3)
  }

  @Test func earlyStoppingKeepsTheBestWeights() throws {
    let configuration = Self.configuration {
      $0.data.validation = 60
      $0.patience = 2
      $0.epochs = 200
      $0.optimizer.learningRate = 0.05
    }
    let run = RunFolder(path: folder.file("stopped"))
    try run.create(replacing: false)
    let trainer = try Trainer(configuration, dataset: data, folder: run)
    var scores: [Double] = []
    try trainer.run {
      if case .metrics(let metrics) = $0, metrics.split == "validation" { scores.append(metrics.score) }
    }
    #expect(scores.count < 200)
    let best = try #require(scores.max())
    #expect(scores.firstIndex(of: best) == scores.count - 3)
    // The weights in memory and on disk are the best ones.
    let reloaded = try TrainedModel(run: run)
    for variable in reloaded.model.variables {
      let other = try #require(trainer.trained.model.variables.first { $0.name == variable.name })
      #expect(try reloaded.store.value(of: variable) == trainer.trained.store.value(of: other))
    }
    let error = #expect(throws: LatentError.self) {
      try Trainer(run.configuration(), dataset: data, folder: run, resuming: true).run()
    }
    #expect(error?.problem.contains("stopped early after \(scores.count) epochs") == true)
  }

  /// What ends aggressive training is measured on examples as the model sees them.
  @Test func informationIsThatOfExamplesAsTheModelSeesThem() throws {
    func watched(_ examples: Examples, _ binarization: Binarization, held: Examples? = nil) throws -> Examples {
      let configuration = RunConfiguration(model: smallModel(), binarization: binarization)
      return try LaggingInference.watched(train: examples, validation: held, as: configuration.data)
    }
    let seen = try watched(data.train, .none)
    #expect(seen.count == 200 && !seen.isBinary)
    let drawn = try watched(data.train, .stochastic)
    #expect(drawn.count == 200 && drawn.isBinary)
    #expect(try watched(smallImages(10_001), .none).count == 10_000)
    // Held-out examples have been drawn already.
    let held = data.train.prefix(30).binarized(seed: 7)
    #expect(try watched(data.train, .stochastic, held: held).fingerprint == held.fingerprint)
  }

  /// The plain bound is best while the rate is cheap to keep, but those epochs were about something else.
  @Test func epochsOfWarmUpAreNotTheBest() throws {
    let configuration = Self.configuration {
      $0.data.validation = 60
      $0.patience = 3
      $0.epochs = 90
      $0.objective.beta = .sigmoid(from: 1, to: 200, epochs: 50, steepness: 2)
      $0.optimizer.learningRate = 0.02
    }
    let run = RunFolder(path: folder.file("warm"))
    try run.create(replacing: false)
    var scores: [Double] = []
    try Trainer(configuration, dataset: data, folder: run).run {
      if case .metrics(let metrics) = $0, metrics.split == "validation" { scores.append(metrics.score) }
    }
    let counted = Array(scores.dropFirst(50))
    let best = try #require(counted.max())
    // The example is one: without the rule an epoch of the warm-up would be kept.
    #expect(try #require(scores.prefix(50).max()) > best + 1)
    #expect(scores.count == 90 || counted.firstIndex(of: best) == counted.count - 4)
    let kept = try Evaluator(TrainedModel(run: run), seed: configuration.seed)
      .bound(data.train.split(validation: 60, seed: configuration.seed).validation)
    #expect(kept.elbo == best)
  }

  /// Nor does a bound that falls because the rate grows dear make the learning rate fall.
  @Test func thePlateauScheduleWaitsForTheWarmUp() throws {
    let configuration = Self.configuration {
      $0.data.validation = 60
      $0.epochs = 12
      $0.schedule = .init(.plateau)
      $0.schedule.interval = 1
      $0.objective.beta = .linear(from: 1, to: 200, epochs: 10)
      $0.optimizer.learningRate = 0.02
    }
    var rates: [Double] = []
    var scores: [Double] = []
    try Trainer(configuration, dataset: data).run {
      guard case .metrics(let metrics) = $0 else { return }
      if metrics.split == "train" { rates.append(metrics.learningRate ?? 0) } else { scores.append(metrics.score) }
    }
    #expect(zip(scores, scores.dropFirst()).prefix(9).contains { $0 > $1 })
    #expect(rates.prefix(11).allSatisfy { $0 == 0.02 })
  }

  @Test func aRunThatEndsInItsWarmUpKeepsItsLastWeights() throws {
    let configuration = Self.configuration {
      $0.data.validation = 60
      $0.patience = 1
      $0.objective.beta = .linear(from: 0, to: 1, epochs: 9)
    }
    let run = RunFolder(path: folder.file("short"))
    try run.create(replacing: false)
    var epochs = 0
    try Trainer(configuration, dataset: data, folder: run).run {
      if case .metrics(let metrics) = $0, metrics.split == "train" { epochs += 1 }
    }
    #expect(epochs == 4)
    #expect(run.weightsPath == run.checkpointPath)
    #expect(try Evaluator(TrainedModel(run: run), seed: 1).bound(data.train).elbo.isFinite)
  }

  @Test(arguments: [
    (ScheduledValue.constant(4), 0.0), (.linear(epochs: 3), 3), (.sigmoid(epochs: 5), 5), (.cyclical(epochs: 8), 8),
  ])
  func schedulesEnd(_ schedule: ScheduledValue, _ end: Double) {
    #expect(schedule.end == end)
    #expect(
      Objective.elbo(beta: schedule).with { $0.corruption.level = .linear(epochs: 2) }.warmUpEpochs == max(2, end))
  }

  /// Two classes of pictures, dark and bright.
  private func labelled() throws -> Dataset {
    var stream = RandomStream(seed: 3, name: "labelled")
    let labels = (0..<200).map { Int32($0 % 2) }
    let values = labels.flatMap { label in
      (0..<64).map { _ in Float(label == 0 ? 0.1 : 0.9) + Float(stream.nextUniform()) * 0.1 - 0.05 }
    }
    return Dataset(name: "labelled", train: try Examples(floats: values, shape: [8, 8, 1], labels: labels))
  }

  @Test(arguments: [false, true])
  func aConditionalModelGeneratesTheClassAskedFor(_ hasConditionalPrior: Bool) throws {
    let configuration = Self.configuration {
      $0.model.condition = .label
      $0.model.condition.prior = hasConditionalPrior
      $0.epochs = 30
      $0.optimizer.learningRate = 0.01
    }
    let trainer = try Trainer(configuration, dataset: labelled())
    try trainer.run()
    let generator = Generator(trainer.trained)
    for (label, expected) in [(0, 0.1), (1, 0.9)] {
      let conditions = try generator.conditions(labels: [Int](repeating: label, count: 20))
      let z = try generator.priorSamples(20, conditions: conditions, seed: 1)
      let values = try generator.decode(z, conditions: conditions)
      let mean = Double(values.reduce(0, +)) / Double(values.count)
      #expect(abs(mean - expected) < 0.1)
    }
    #expect(throws: LatentError.self) { try generator.priorSamples(3, seed: 1) }
    #expect(throws: LatentError.self) { try generator.conditions(labels: [2]) }
  }

  @Test func aConditionNeedsLabels() throws {
    let configuration = Self.configuration {
      $0.model.condition = .label
      $0.epochs = 1
    }
    let error = #expect(throws: LatentError.self) { try Trainer(configuration, dataset: data) }
    #expect(error?.problem.contains("the data have no labels") == true)

    // What is evaluated or encoded later needs them as well.
    let trainer = try Trainer(configuration, dataset: labelled())
    try trainer.run()
    let evaluator = Evaluator(trainer.trained, seed: 1)
    let bound = #expect(throws: LatentError.self) { try evaluator.bound(data.train) }
    #expect(bound?.problem == error?.problem)
    #expect(throws: LatentError.self) { try evaluator.posteriorMeans(data.train) }
    #expect(throws: LatentError.self) { try evaluator.negativeLogLikelihood(data.train, samples: 2) }
    #expect(throws: LatentError.self) { try Generator(trainer.trained).encode(data.train) }
  }

  @Test func vectorsConditionToo() throws {
    let examples = try smallImages(100).withAttributes((0..<300).map { Float($0 % 7) / 7 }, width: 3)
    let configuration = Self.configuration {
      $0.model.condition = Condition(.vector, prior: true)
    }
    let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: examples))
    #expect(try trainer.run().score.isFinite)
    #expect(trainer.configuration.model.condition.size == 3)
  }
}
