import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentReproduction

/// The likelihood from posterior draws alone, against likelihoods known otherwise.
@Suite struct MarginalLikelihoodTests {
  @Test func linearModelsGiveTheExactLikelihood() throws {
    let rows = (0..<60).map { index in
      let blocks = (0..<2).map { Philox4x32(seed: 5).normals(UInt32(2 * index + $0), stream: 2, step: 0) }
      return (0..<6).map { 0.8 * blocks[$0 / 4][$0 % 4] }
    }
    let examples = try Examples(floats: rows.flatMap { $0.map(Float.init) }, shape: [6])
    let linear = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: []),
      decoder: .mlp(hidden: [], likelihood: .normal(standardDeviation: 0.5)))
    let network = try SmallNetwork(linear, exampleShape: [6], seed: 3)
    let meter = MarginalLikelihood(network, examples, seed: 1)
    meter.draws = 48
    let values = try meter.values()
    let kernel = try #require(network.model.decoderVariables.first)
    let weights = try network.store.value(of: kernel).doubles
    for (row, value) in zip(rows, values) {
      let exact = LinearGaussian(rows: [row]).likelihood(
        weights: [Array(weights[0..<6]), Array(weights[6..<12])], offset: [Double](repeating: 0, count: 6), noise: 0.25)
      #expect(abs(value - exact) < 0.1)
    }
    let exact = LinearGaussian(rows: rows).likelihood(
      weights: [Array(weights[0..<6]), Array(weights[6..<12])], offset: [Double](repeating: 0, count: 6), noise: 0.25)
    #expect(abs(SampleStatistics(values).mean - exact) < 0.02)
    #expect((0.8...0.97).contains(meter.acceptance))
  }

  @Test func importanceSamplesAgree() throws {
    let examples = try smallImages(200).binarized(seed: 0)
    let network = try SmallNetwork(smallModel(latents: 2), exampleShape: [8, 8, 1], seed: 2)
    let learner = try MinibatchLearner(.variational, network, examples, learningRate: 0.05, seed: 1)
    try learner.train(until: 40_000)
    let few = examples.prefix(60)
    let chains = try MarginalLikelihood(network, few, seed: 1).values()
    let samples = 1000
    let weights = ExampleMeter(network, few, seed: 1) { batch in
      network.model.logImportanceWeights(batch, samples: samples, mode: .inference).logSumExp([0])
        - log(Double(samples))
    }
    let differences = zip(chains, try weights.values()).map { $0 - $1 }
    #expect(abs(SampleStatistics(differences).mean) < 0.1)
  }

  @Test func importanceSamplesAgreeWithoutARecognitionNetworkToo() throws {
    // Chains of Monte Carlo EM stay in one mode each, which gives the model posteriors with several.
    let examples = try smallImages(100).binarized(seed: 0)
    let network = try SmallNetwork(smallModel(latents: 2), exampleShape: [8, 8, 1], seed: 2)
    try MonteCarloEM(network, examples, learningRate: 0.1, seed: 1).train(until: 40_000)
    let few = examples.prefix(60)
    let chains = try MarginalLikelihood(network, few, seed: 1).values()
    let samples = 20_000
    let weights = ExampleMeter(network, few, seed: 1) { batch in
      let z = batch.graph.random(.normal, shape: [samples, batch.shape[0], 2])
      return network.model.logLikelihood(batch, z, mode: .inference).logSumExp([0]) - log(Double(samples))
    }
    let differences = zip(chains, try weights.values(batchSize: 10)).map { $0 - $1 }
    #expect(abs(SampleStatistics(differences).mean) < 0.3)
  }

  @Test func theSameSeedGivesTheSameFigures() throws {
    let examples = try smallImages(20).binarized(seed: 0)
    let network = try SmallNetwork(smallModel(latents: 2), exampleShape: [8, 8, 1], seed: 2)
    let meter = MarginalLikelihood(network, examples, seed: 1)
    let first = try meter.values()
    #expect(try MarginalLikelihood(network, examples, seed: 1).values() == first)
    #expect(try meter.values() == first)
  }

  @Test func fittedNormalsHaveTheDensityOfTheirMoments() {
    let normal = FittedNormal([[0, 0], [2, 0], [0, 4], [2, 4]])
    // Mean (1, 2), variances 1 and 4.
    #expect(abs(normal.logProbability([1, 2]) + log(2 * .pi) + log(2)) < 1e-4)
    #expect(abs(normal.logProbability([2, 2]) - normal.logProbability([1, 2]) + 0.5) < 1e-4)
    #expect(abs(normal.logProbability([1, 4]) - normal.logProbability([1, 2]) + 0.5) < 1e-4)
    #expect(FittedNormal([[1, 1], [2, 2]]).logProbability([1, 1]).isFinite)
  }
}
