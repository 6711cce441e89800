import Foundation
import Latent
import TestSupport
import Testing

/// The laws that the bounds of one model obey, and the linear case where everything is known exactly.
@Suite(.serialized) struct BoundTests {
  private func trained(epochs: Int = 30) throws -> (TrainedModel, Examples) {
    let dataset = Dataset(name: "bars", train: try smallImages(600), test: nil)
    let configuration = RunConfiguration(
      model: smallModel(), optimizer: .adam(learningRate: 3e-3), batchSize: 50, epochs: epochs, seed: 2)
    let trainer = try Trainer(configuration, dataset: dataset)
    try trainer.run()
    return (trainer.trained, dataset.train)
  }

  @Test func bothEstimatorsAgreeInExpectation() throws {
    let (trained, examples) = try trained()
    let x = Array(examples.prefixFloats(40))
    var means: [Objective.Estimator: (value: Double, error: Double)] = [:]
    for estimator in Objective.Estimator.allCases {
      let graph = Graph()
      let input = graph.input("x", shape: [40, 8, 8, 1])
      let objective = Objective.elbo(estimator: estimator)
      let terms = objective.terms(trained.model, ExampleBatch(examples: input), mode: .inference)
      let executable = try trained.backend.compile(
        Program(graph: graph, outputs: [terms.elbo.mean()]), state: trained.store)
      let values = try (0..<400).map { step in
        try executable.run([HostTensor(x, shape: [40, 8, 8, 1])], random: RandomState(seed: 5, step: step))[0].doubles[
          0]
      }
      let mean = values.reduce(0, +) / 400
      means[estimator] = (mean, (values.reduce(0) { $0 + pow($1 - mean, 2) } / 400 / 400).squareRoot())
    }
    let (a, b) = try (#require(means[.monteCarlo]), #require(means[.closedForm]))
    #expect(abs(a.value - b.value) < 5 * (a.error * a.error + b.error * b.error).squareRoot())
    #expect(a.error > 0 && b.error > 0)
  }

  @Test func boundsTightenWithMoreSamples() throws {
    let (trained, examples) = try trained(epochs: 8)
    let evaluator = Evaluator(trained, seed: 1)
    let elbo = try evaluator.bound(examples)
    let estimates = try [1, 5, 50, 500].map { try evaluator.negativeLogLikelihood(examples, samples: $0) }
    let slack = 0.02
    #expect(abs(estimates[0].nll + elbo.elbo) < 5 * (elbo.elboError + estimates[0].error))
    for (fewer, more) in zip(estimates, estimates.dropFirst()) { #expect(more.nll < fewer.nll + slack) }
    #expect(estimates[3].nll < estimates[0].nll - 0.1)
  }

  @Test func theEstimateDoesNotDependOnHowItIsChunked() throws {
    // 120 samples are two chunks of 50 and one of 20.
    let (trained, examples) = try trained(epochs: 8)
    let few = examples.prefix(30)
    let estimate = try Evaluator(trained, seed: 1).negativeLogLikelihood(few, samples: 120)
    let other = try Evaluator(trained, seed: 2).negativeLogLikelihood(few, samples: 100)
    #expect(estimate.samples == 120)
    #expect(abs(estimate.nll - other.nll) < 0.3)
  }

  /// A linear VAE with a learned variance is probabilistic PCA, whose likelihood is known exactly.
  @Test func aLinearModelReachesTheExactLikelihood() throws {
    let dataset = try linearData(count: 3000)
    let exact = LinearGaussian(rows: dataset.rows)
    let linear = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: []),
      decoder: .mlp(hidden: [], likelihood: .normal(variance: .scalar, standardDeviation: 0.5)))
    let configuration = RunConfiguration(
      model: linear, optimizer: .adam(learningRate: 0.01), schedule: .init(.cosine), batchSize: 100, epochs: 150,
      seed: 1)
    let trainer = try Trainer(configuration, dataset: Dataset(name: "linear", train: dataset.examples))
    try trainer.run()
    let trained = trainer.trained
    let bound = try Evaluator(trained, seed: 3).bound(dataset.examples)
    let best = exact.principalComponentLikelihood(latents: 2)
    #expect(abs(bound.elbo - best) < 0.1)
    let estimate = try Evaluator(trained, seed: 3).negativeLogLikelihood(dataset.examples, samples: 500)
    let values = try Dictionary(
      uniqueKeysWithValues: trained.model.variables.map { ($0.name, try trained.store.value(of: $0).doubles) })
    let kernel = try #require(values["decoder/output/kernel"])
    let logVariance = try #require(values["likelihood/logVariance"])[0]
    let own = exact.likelihood(
      weights: [Array(kernel[0..<6]), Array(kernel[6..<12])], offset: try #require(values["decoder/output/bias"]),
      noise: exp(20 * tanh(logVariance / 20)))
    #expect(abs(-estimate.nll - own) < 0.01)
  }

  private func linearData(count: Int) throws -> (rows: [[Double]], examples: Examples) {
    let weights = [[1.2, -0.4, 0.3, 0.8, 0, -1.0], [0.2, 0.9, -0.7, 0.1, 0.6, 0.3]]
    let generator = Philox4x32(seed: 11)
    let rows = (0..<count).map { index -> [Double] in
      let blocks = (0..<2).map { generator.normals(UInt32(2 * index + $0), stream: 0, step: 0) }
      let noise = (0..<8).map { blocks[$0 / 4][$0 % 4] }
      return (0..<6).map { 0.5 + weights[0][$0] * noise[0] + weights[1][$0] * noise[1] + 0.4 * noise[2 + $0] }
    }
    let floats = rows.flatMap { $0.map(Float.init) }
    return (rows, try Examples(floats: floats, shape: [6]))
  }
}

extension Examples {
  /// The values of the first examples.
  fileprivate func prefixFloats(_ number: Int) -> [Float] {
    var values = [Float](repeating: 0, count: number * dimensions)
    values.withUnsafeMutableBufferPointer { copyRange(0..<number, into: $0) }
    return values
  }
}
