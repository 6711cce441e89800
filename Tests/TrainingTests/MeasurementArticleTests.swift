import Foundation
import Latent
import TestSupport
import Testing

/// The code of the article on measuring and taking away (docs/docc/Latent.docc/MeasureAndTakeAway.md).
@Suite struct MeasurementArticleTests {
  @Test func theArticlesCodeDoesWhatItSays() throws {
    let folder = try TemporaryFolder()
    let examples = try smallImages(400)
    var configuration = RunConfiguration(
      model: smallModel(latents: 2), optimizer: .adam(learningRate: 5e-3), binarization: .stochastic, batchSize: 50,
      epochs: 8, seed: 1)
    configuration.data.validation = 100
    let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: examples))
    var metrics: [EpochMetrics] = []
    try trainer.run { if case .metrics(let figures) = $0 { metrics.append(figures) } }
    let trained = trainer.trained
    let prepared = configuration.data.prepared(examples)
    let (training, heldOut) = (prepared.prefix(300), prepared.selecting(Array(300..<400)))

    let evaluator = Evaluator(trained, seed: 1)
    let estimate = try evaluator.negativeLogLikelihood(heldOut, samples: 500)
    print(estimate.nll, estimate.interval ?? 0...0, estimate.effectiveSamples ?? 0, estimate.bounds)
    let annealed = try evaluator.annealedLikelihood(heldOut, AnnealingSettings(distributions: 100, chains: 4))

    #expect(estimate.interval?.contains(annealed.nll) == true)
    #expect(estimate.bounds.map(\.samples) == [1, 10, 100])

    let diagnosis = try evaluator.diagnosis(
      .init(training: training, heldOut: heldOut, configuration: configuration, metrics: metrics))
    for finding in diagnosis.findings { print(finding.severity, finding.observation, finding.remedy) }

    #expect(diagnosis.examined.contains(.overfitting))

    let decoder = try trained.exported(.decoder, as: .onnx)
    try decoder.write(to: URL(fileURLWithPath: folder.file("decoder.onnx")))

    #expect(decoder.count > 1000)
  }
}
