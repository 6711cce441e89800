import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentTraining

/// Running averages of weights and of the statistics that go with them.
@Suite(.serialized) struct AveragedWeightsTests {
  private let data: Dataset

  init() throws { data = Dataset(name: "bars", train: try smallImages(300), test: try smallImages(100, seed: 1)) }

  private func configuration(
    decay: Double, rate: Double = 5e-3, epochs: Int = 2, unit: DenseUnit = .plain
  ) -> RunConfiguration {
    var result = RunConfiguration(
      model: smallModel(latents: 3, hidden: [16]), optimizer: Optimizer(.adam, learningRate: rate, averageDecay: decay),
      batchSize: 30, epochs: epochs, seed: 1)
    result.model.encoder.network = .mlp(hidden: [16], unit: unit)
    result.model.decoder.network = .mlp(hidden: [16], unit: unit)
    return result
  }

  private func values(_ variables: [Variable], _ trained: TrainedModel) throws -> [HostTensor] {
    try variables.map(trained.store.value)
  }

  /// They used to begin as another random network, and to end as little else after a short run.
  @Test(arguments: [0.9, 0.9999])
  func aRateOfNothingLeavesAveragesAndWeightsEqual(_ decay: Double) throws {
    // Zero in float32.
    let trainer = try Trainer(configuration(decay: decay, rate: 1e-60), dataset: data)
    try trainer.run()
    let trained = trainer.trained
    let weights = trained.model.variables.filter(\.isTrainable)
    let averages = weights.compactMap { trained.averages[$0] }
    #expect(averages.count == weights.count)
    #expect(try values(averages, trained) == values(weights, trained))
    #expect(try values(weights, trained).contains { Set($0.doubles).count > 5 })
  }

  @Test func beforeTheFirstStepTheAverageIsTheModel() throws {
    let averaged = try Trainer(configuration(decay: 0.999), dataset: data)
    let plain = try Trainer(configuration(decay: 0), dataset: data)
    #expect(
      try Evaluator(averaged.trained, seed: 0).bound(data.train) == Evaluator(plain.trained, seed: 0).bound(data.train))
  }

  @Test(arguments: [0.99, 0.999, 0.9999], [DenseUnit.plain, .batchNormalized])
  func averagesOfAShortRunAreNearItsWeights(_ decay: Double, _ unit: DenseUnit) throws {
    let trainer = try Trainer(configuration(decay: decay, epochs: 6, unit: unit), dataset: data)
    try trainer.run()
    let trained = trainer.trained
    let raw = TrainedModel(
      model: trained.model, objective: trained.objective, store: trained.store, backend: trained.backend, averages: [:])
    let untrained = try Trainer(configuration(decay: 0, unit: unit), dataset: data)
    let test = try #require(data.test)
    let (averaged, weights, start) = (
      try Evaluator(trained, seed: 0).bound(test).elbo, try Evaluator(raw, seed: 0).bound(test).elbo,
      try Evaluator(untrained.trained, seed: 0).bound(test).elbo
    )
    #expect(weights > start + 3)
    #expect(averaged > start + 3)
    #expect(abs(averaged - weights) < 2, "averaged \(averaged), raw \(weights)")
  }

  /// Weights that are averaged meet statistics that are averaged in the same way.
  @Test func runningStatisticsAreAveragedToo() throws {
    let trainer = try Trainer(configuration(decay: 0.9, unit: .batchNormalized), dataset: data)
    try trainer.run()
    let trained = trainer.trained
    let statistics = trained.model.variables.filter { !$0.isTrainable }
    #expect(!statistics.isEmpty)
    for variable in statistics {
      let average = try #require(trained.averages[variable])
      let (value, mean) = (try trained.store.value(of: variable).doubles, try trained.store.value(of: average).doubles)
      #expect(value != mean && zip(value, mean).allSatisfy { abs($0 - $1) < 0.5 }, "\(variable.name)")
    }
  }

  /// Loading used to leave the averages of statistics in the file.
  @Test func aSavedRunHasTheAveragesOfItsTrainer() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("run"))
    try run.create(replacing: false)
    let trainer = try Trainer(configuration(decay: 0.9, unit: .batchNormalized), dataset: data, folder: run)
    try trainer.run()
    let live = try Evaluator(trainer.trained, seed: 0).bound(data.train)
    #expect(try Evaluator(TrainedModel(run: run), seed: 0).bound(data.train) == live)
  }
}
