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
    let x = Array(try examples.prefixFloats(40))
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

  /// Of a decoder that does not look at its latents, and an encoder that gives the prior, every importance weight is the
  /// likelihood itself: whatever their number, samples must give it, and one that is lost or counted twice shows.
  @Test(arguments: [1, 49, 50, 51, 120])
  func theEstimateDoesNotDependOnHowItIsChunked(_ samples: Int) throws {
    let examples = try smallImages(90)
    let configuration = RunConfiguration(
      model: smallModel(), optimizer: .adam(learningRate: 1e-3), batchSize: 30, epochs: 1, seed: 2)
    let trained = try Trainer(configuration, dataset: Dataset(name: "bars", train: examples)).trained
    var logits: [Double] = []
    for variable in trained.model.variables {
      if variable.name == "decoder/output/bias" { logits = try trained.store.value(of: variable).doubles }
      guard variable.name.hasPrefix("encoder/") || variable.name == "decoder/output/kernel" else { continue }
      let zeros = [Double](repeating: 0, count: variable.shape.elementCount)
      try trained.store.set(variable, to: HostTensor(zeros, shape: variable.shape))
    }
    try #require(Set(logits).count > 10)
    let values = try examples.prefixFloats(90).map(Double.init)
    let exact = values.indices.reduce(0.0) { sum, place in
      let logit = logits[place % 64]
      return sum + log(1 + exp(logit)) - values[place] * logit
    }
    let estimate = try Evaluator(trained, seed: 1).negativeLogLikelihood(examples, samples: samples)
    #expect(estimate.samples == samples)
    // Every chunk of examples, the last of 10 included. One weight of 120 is log(120 / 119) = 0.008 nats.
    #expect(abs(estimate.nll - exact / 90) < 1e-4)
  }

  @Test func everyChunkOfSamplesHasNoiseOfItsOwn() throws {
    let (trained, examples) = try trained(epochs: 8)
    let estimates = try [50, 100].map {
      try Evaluator(trained, seed: 1).negativeLogLikelihood(examples.prefix(30), samples: $0)
    }
    // The same fifty twice have the same mean.
    #expect(abs(estimates[0].nll - estimates[1].nll) > 1e-3)
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

  /// Layers of Normals whose means are linear in the layer above are one Normal: the chain from the top to the examples must
  /// be that from which `Generator` draws, with each layer's prior given the draw above it.
  @Test(arguments: [Hierarchy.bottomUp([.init(latents: 1, hidden: [])]), .ladder([.init(latents: 1, hidden: [])])])
  func aLinearHierarchyHasItsExactLikelihood(_ hierarchy: Hierarchy) throws {
    let dataset = try linearData(count: 40)
    var specification = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: []),
      decoder: .mlp(hidden: [], likelihood: .normal(standardDeviation: 1)))
    specification.hierarchy = hierarchy
    let trained = try Trainer(
      RunConfiguration(model: specification, batchSize: 20, epochs: 1, seed: 1),
      dataset: Dataset(name: "linear", train: dataset.examples)
    ).trained
    let (up, down) = ([1.5, -0.8], [[0.5, -0.3, 0.8, 0, 0.4, 0.2], [-0.2, 0.6, 0.1, 0.7, -0.5, 0.3]])
    let (shift, logVariances) = ([0.4, -0.2], [-0.5, 0.3])
    for variable in trained.model.variables {
      let values: [Double]
      switch variable.name {
      case "prior/layer0/normal/kernel": values = up + [0, 0]
      case "prior/layer0/normal/bias": values = shift + logVariances
      case "decoder/output/kernel": values = down.flatMap { $0 }
      case "decoder/output/bias": values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
      // Posteriors as wide as the priors, so that the samples find everything: means of 0 whatever the examples, and
      // variances of 4. A ladder's lower layer adds next to no evidence to its prior.
      case "encoder/posterior/normal/bias": values = [0, 0, 1.4, 1.4]
      case "encoder/evidence0/normal/bias": values = [0, 0, 10, 10]
      case "encoder/layer1/normal/bias", "encoder/evidence1/normal/bias": values = [0, 1.4]
      case _ where variable.name.hasPrefix("encoder/"):
        values = [Double](repeating: 0, count: variable.shape.elementCount)
      default: continue
      }
      try trained.store.set(variable, to: HostTensor(values, shape: variable.shape))
    }
    func image(_ z: [Double]) -> [Double] { (0..<6).map { z[0] * down[0][$0] + z[1] * down[1][$0] } }
    let deviations = logVariances.map { exp(10 * tanh($0 / 20)) }
    let exact = LinearGaussian(rows: dataset.rows).likelihood(
      weights: [image(up), image([deviations[0], 0]), image([0, deviations[1]])],
      offset: zip(image(shift), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).map(+), noise: 1)
    let estimate = try Evaluator(trained, seed: 1).negativeLogLikelihood(dataset.examples, samples: 20_000)
    #expect(abs(-estimate.nll - exact) < 0.02)
    // And its draws are that Normal's, here by the variance of one latent: the layer above's and its own.
    let draws = try Generator(trained).priorSamples(20_000, seed: 2)
    let first = stride(from: 0, to: draws.count, by: 2).map { Double(draws[$0]) }
    let mean = first.reduce(0, +) / 20_000
    let variance = first.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    let expected = up[0] * up[0] + deviations[0] * deviations[0]
    #expect(abs(mean - shift[0]) < 5 * (expected / 20_000).squareRoot())
    #expect(abs(variance / expected - 1) < 5 * (2.0 / 20_000).squareRoot())
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
  fileprivate func prefixFloats(_ number: Int) throws -> [Float] {
    var values = [Float](repeating: 0, count: number * dimensions)
    try values.withUnsafeMutableBufferPointer { try copyRange(0..<number, into: $0) }
    return values
  }
}
