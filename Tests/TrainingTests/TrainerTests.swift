import Foundation
import Latent
import TestSupport
import Testing

@Suite(.serialized) struct TrainerTests {
  private let data: Dataset
  private let folder: TemporaryFolder

  init() throws {
    data = Dataset(name: "bars", train: try smallImages(330), test: try smallImages(70, seed: 1))
    folder = try TemporaryFolder()
  }

  private func configuration(epochs: Int, rule: UpdateRule = .adam) -> RunConfiguration {
    RunConfiguration(
      model: smallModel(), optimizer: Optimizer(rule, learningRate: 0.01, averageDecay: 0.9), binarization: .stochastic,
      batchSize: 100, epochs: epochs, seed: 4)
  }

  @discardableResult
  private func train(_ configuration: RunConfiguration, _ name: String, resuming: Bool = false) throws
    -> Data
  {
    let run = RunFolder(path: folder.file(name))
    if !resuming { try run.create(replacing: false) }
    try Trainer(configuration, dataset: data, folder: run, resuming: resuming).run()
    return try FileReading.data(at: run.checkpointPath)
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    let first = try train(configuration(epochs: 3), "first")
    #expect(try train(configuration(epochs: 3), "second") == first)
    var other = configuration(epochs: 3)
    other.seed = 5
    #expect(try train(other, "third") != first)
  }

  @Test(arguments: UpdateRule.allCases)
  func resumingIsAsIfNeverStopped(_ rule: UpdateRule) throws {
    let whole = try train(configuration(epochs: 4, rule: rule), "whole")
    let half = try train(configuration(epochs: 2, rule: rule), "halves")
    #expect(half != whole)
    let run = RunFolder(path: folder.file("halves"))
    var rest = try run.configuration()
    rest.epochs = 4
    try train(rest, "halves", resuming: true)
    #expect(try FileReading.data(at: run.checkpointPath) == whole)
    let lines = String(decoding: try FileReading.data(at: run.metricsPath), as: UTF8.self).split(separator: "\n")
    let epochs = try lines.map { try JSONDecoder().decode(EpochMetrics.self, from: Data($0.utf8)) }
    #expect(epochs.filter { $0.split == "train" }.map(\.epoch) == [1, 2, 3, 4])
  }

  @Test func resumingWithOtherDataIsRefused() throws {
    try train(configuration(epochs: 1), "run")
    var resumed = try RunFolder(path: folder.file("run")).configuration()
    resumed.epochs = 2
    let other = Dataset(name: "bars", train: try smallImages(330, seed: 9))
    let error = #expect(throws: LatentError.self) {
      try Trainer(resumed, dataset: other, folder: RunFolder(path: folder.file("run")), resuming: true)
    }
    #expect(error?.problem == "The data are not those that the run was trained on")
  }

  @Test func aFinishedRunSaysSo() throws {
    try train(configuration(epochs: 1), "run")
    let resumed = try RunFolder(path: folder.file("run")).configuration()
    let error = #expect(throws: LatentError.self) {
      try Trainer(resumed, dataset: data, folder: RunFolder(path: folder.file("run")), resuming: true).run()
    }
    #expect(error?.remedy == "Give --epochs more than 1")
  }

  @Test func aBoundThatStopsBeingFiniteNamesItsCauseAndKeepsTheCheckpoint() throws {
    let run = RunFolder(path: folder.file("run"))
    let good = try train(configuration(epochs: 1), "run")
    var wild = try run.configuration()
    wild.epochs = 3
    wild.optimizer.learningRate = 1e30
    let error = #expect(throws: LatentError.self) {
      try Trainer(wild, dataset: data, folder: run, resuming: true).run()
    }
    let problem = try #require(error?.problem)
    #expect(problem.contains("Training stopped in epoch 2, step"))
    #expect(problem.contains("the first value to go bad was"))
    #expect(!problem.contains("the bound itself"))
    #expect(problem.contains("the checkpoint of epoch 1 is kept"))
    #expect(try FileReading.data(at: run.checkpointPath) == good)
  }

  @Test func aBoundThatFallsBeyondRecoveryStopsTheRunAndNamesTheLargestWeights() throws {
    let run = RunFolder(path: folder.file("run"))
    let good = try train(configuration(epochs: 1), "run")
    var wild = try run.configuration()
    wild.epochs = 3
    wild.optimizer.learningRate = 1e9
    let error = #expect(throws: LatentError.self) {
      try Trainer(wild, dataset: data, folder: run, resuming: true).run()
    }
    let problem = try #require(error?.problem)
    #expect(problem.contains("Training stopped in epoch 2, step"))
    #expect(problem.contains("the bound has fallen to -"))
    #expect(problem.contains("weights of encoder/") || problem.contains("weights of decoder/"))
    #expect(problem.contains("the checkpoint of epoch 1 is kept"))
    #expect(try FileReading.data(at: run.checkpointPath) == good)
  }

  @Test func trainingImprovesTheBoundOnNewExamples() throws {
    let run = RunFolder(path: folder.file("run"))
    try run.create(replacing: false)
    let trainer = try Trainer(configuration(epochs: 25), dataset: data, folder: run)
    trainer.testEvery = 1
    var bounds: [Double] = []
    try trainer.run { if case .metrics(let metrics) = $0, metrics.split == "test" { bounds.append(metrics.score) } }
    #expect(bounds.count == 25)
    #expect((bounds.last ?? 0) > bounds[0] + 5)
    // The saved run gives the same figures as the trainer's own model.
    let saved = try Evaluator(TrainedModel(run: run), seed: 4).bound(data.train)
    let live = try Evaluator(trainer.trained, seed: 4).bound(data.train)
    #expect(saved == live)
  }

  @Test func validationExamplesAreHeldOutAndDriveThePlateau() throws {
    var configuration = configuration(epochs: 5)
    configuration.data.validation = 80
    configuration.schedule = .init(.plateau, factor: 0.5, interval: 1)
    // Too small to move a weight, and no average moves either: after the first bound none is better.
    let rate = 1e-30
    configuration.optimizer = .adam(learningRate: rate)
    var splits: [String: Int] = [:]
    var rates: [Double] = []
    var bounds: [Double] = []
    let trainer = try Trainer(configuration, dataset: data)
    try trainer.run { event in
      guard case .metrics(let metrics) = event else { return }
      splits[metrics.split, default: 0] += metrics.examples
      if let rate = metrics.learningRate { rates.append(rate) }
      if metrics.split == "validation" { bounds.append(metrics.score) }
    }
    #expect(splits == ["train": 1250, "validation": 400, "test": 70])
    #expect(Set(bounds).count == 1)
    #expect(rates == [rate, rate, rate / 2, rate / 4, rate / 8])
  }

  @Test func aPlateauReducesTheRateOfTheStepsAndOnlyWhenABoundFails() throws {
    var configuration = configuration(epochs: 12)
    configuration.data.validation = 80
    // So large a rate that a bound soon fails to improve, and so small a factor that nothing moves from then on.
    configuration.optimizer = .adam(learningRate: 0.2)
    configuration.schedule = .init(.plateau, factor: 1e-30, interval: 1)
    var bounds: [Double] = []
    try Trainer(configuration, dataset: data).run { event in
      if case .metrics(let metrics) = event, metrics.split == "validation" { bounds.append(metrics.score) }
    }
    let failed = try #require((1..<12).first { bounds[$0] <= bounds[..<$0].max() ?? 0 })
    #expect((2..<11).contains(failed))
    #expect(Set(bounds[..<failed]).count == failed)
    #expect(Set(bounds[failed...]).count == 1)
  }

  @Test(arguments: [
    ("batchSize", "0", "A batch cannot have 0 examples"), ("batchSize", "331", "larger than the 330 training examples"),
    ("epochs", "0", "A run cannot have 0 epochs"), ("optimizer.learningRate", "0", "optimizer.learningRate is 0.0"),
    ("optimizer.beta1", "1", "optimizer.beta1 is 1.0"), ("optimizer.clipNorm", "-1", "optimizer.clipNorm is -1.0"),
    ("schedule.kind", "\"plateau\"", "watches validation examples"),
  ])
  func settingsThatMakeNoSenseAreRefused(_ key: String, _ value: String, _ reason: String) throws {
    let wrong = try configuration(epochs: 1).setting(key, to: value)
    let error = #expect(throws: LatentError.self) { try Trainer(wrong, dataset: data) }
    #expect(error?.problem.contains(reason) == true)
  }
}
