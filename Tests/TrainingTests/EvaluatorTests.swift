import Foundation
import Latent
import TestSupport
import Testing

/// Figures over examples, where each example's own are known: its posterior is the prior, and its decoder is blind.
@Suite(.serialized) struct EvaluatorTests {
  private let examples: Examples
  private let trainer: Trainer

  /// More examples than one chunk of 500 holds, and batches that do not divide them.
  init() throws {
    examples = try smallImages(1130)
    let configuration = RunConfiguration(
      model: smallModel(latents: 3), optimizer: .adam(learningRate: 1e-30), batchSize: 100, epochs: 1, seed: 3)
    trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: examples))
    let store = trainer.trained.store
    for variable in trainer.trained.model.variables {
      let zeros = [Double](repeating: 0, count: variable.shape.elementCount)
      switch variable.name {
      case "encoder/posterior/bias":
        // Means 1, 0, 2 and unit variances: a rate of 5 / 2.
        try store.set(variable, to: HostTensor([1, 0, 2, 0, 0, 0], shape: variable.shape))
      case "encoder/posterior/kernel", "decoder/output/kernel":
        try store.set(variable, to: HostTensor(zeros, shape: variable.shape))
      default: break
      }
    }
  }

  private static let rate = 2.5

  /// -log p(x) under the decoder's biases, for each example.
  private func distortions() throws -> [Double] {
    let bias = try #require(trainer.trained.model.variables.first { $0.name == "decoder/output/bias" })
    let logits = try trainer.trained.store.value(of: bias).doubles
    var values = [Float](repeating: 0, count: examples.count * 64)
    try values.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    return (0..<examples.count).map { row in
      logits.indices.reduce(0) { sum, place in
        sum + log(1 + exp(logits[place])) - Double(values[row * 64 + place]) * logits[place]
      }
    }
  }

  private func moments(_ values: [Double]) -> (mean: Double, error: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count).squareRoot())
  }

  @Test(arguments: [500, 1130, 7])
  func boundsAreMeansOverAllExamplesWithTheirStandardErrors(_ batchSize: Int) throws {
    let expected = moments(try distortions())
    try #require(expected.error > 0.01)
    let bound = try Evaluator(trainer.trained, seed: 1).bound(examples, batchSize: batchSize)
    #expect(bound.examples == 1130)
    #expect(abs(bound.rate - Self.rate) < 1e-5)
    #expect(abs(bound.distortion - expected.mean) < 1e-4)
    #expect(abs(bound.elbo + expected.mean + Self.rate) < 1e-4)
    #expect(abs(bound.elboError / expected.error - 1) < 1e-3)
  }

  @Test func likelihoodsHaveTheStandardErrorOverTheExamples() throws {
    // With the prior for a posterior, every weight is the likelihood.
    let bias = try #require(trainer.trained.model.variables.first { $0.name == "encoder/posterior/bias" })
    try trainer.trained.store.set(bias, to: HostTensor([0, 0, 0, 0, 0, 0], shape: bias.shape))
    let expected = moments(try distortions())
    let estimate = try Evaluator(trainer.trained, seed: 1).negativeLogLikelihood(examples, samples: 60)
    #expect(estimate.examples == 1130)
    #expect(abs(estimate.nll - expected.mean) < 1e-4)
    #expect(abs(estimate.error / expected.error - 1) < 1e-3)
  }

  @Test func figuresOfTrainingAreMeansOverAllExamples() throws {
    let expected = moments(try distortions())
    var metrics: [EpochMetrics] = []
    var steps: [Double] = []
    try trainer.run { event in
      switch event {
      case .metrics(let figures): metrics.append(figures)
      case .step(_, _, let stepsPerEpoch, let elbo):
        #expect(stepsPerEpoch == 12)
        steps.append(elbo)
      }
    }
    let train = try #require(metrics.first { $0.split == "train" })
    #expect(train.examples == 1130)
    #expect(abs(try #require(train.rate) - Self.rate) < 1e-5)
    #expect(abs(try #require(train.distortion) - expected.mean) < 1e-4)
    #expect(abs((train.elbo ?? 0) + expected.mean + Self.rate) < 1e-4)
    // Steps report means over their batches, the last of which is smaller.
    let mean = (steps[..<11].reduce(0, +) * 100 + steps[11] * 30) / 1130
    #expect(abs(mean + expected.mean + Self.rate) < 1e-4)
  }

  @Test func posteriorsAreGivenForEveryExampleInOrder() throws {
    let posteriors = try Evaluator(trainer.trained, seed: 1).posteriors(examples, batchSize: 400)
    #expect(posteriors.count == 1130 && posteriors.width == 3)
    for row in [0, 399, 400, 1129] {
      #expect(Array(posteriors.means.row(row)) == [1, 0, 2])
      #expect(Array(posteriors.logVariances.row(row)) == [0, 0, 0])
    }
    #expect(abs(posteriors.rates.reduce(0, +) - Self.rate) < 1e-6)
  }
}
