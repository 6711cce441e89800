import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentReproduction

/// A posterior over weights.
@Suite struct WeightPosteriorTests {
  private let weight = Variable("w", shape: [40, 50], initializer: .normal(standardDeviation: 0.3))

  @Test func divergencesAreThoseOfNormals() throws {
    let posterior = WeightPosterior(over: [weight], deviation: 0.2)
    let graph = Graph()
    let normal = DiagonalNormal(
      mean: graph.read(weight).reshape([2000]), logVariance: graph.constant([2 * log(0.2)], shape: [2000]))
    let standard = StandardNormal(shape: [2000], in: graph)
    let exact = try #require(kullbackLeibler(from: normal, to: standard))
    let program = Program(graph: graph, outputs: [posterior.divergence(in: graph), exact])
    let outputs = try CPUBackend().compile(program, state: VariableStore(seed: 1)).run([])
    #expect(abs(outputs[0].doubles[0] / outputs[1].doubles[0] - 1) < 1e-4)
  }

  @Test func drawsHaveTheMomentsOfThePosterior() throws {
    let posterior = WeightPosterior(over: [weight], deviation: 0.2)
    let graph = Graph()
    let draw = graph.substituting(posterior.draw(in: graph)) { graph.read(weight) }
    let program = Program(graph: graph, outputs: [draw - graph.read(weight)])
    let noise = try CPUBackend().compile(program, state: VariableStore(seed: 1)).run([])[0].doubles
    let statistics = SampleStatistics(noise)
    #expect(abs(statistics.mean) < 5 * statistics.error)
    #expect(abs(statistics.error * Double(noise.count).squareRoot() - 0.2) < 0.02)
  }

  @Test func boundsWithNarrowPosteriorsAreThoseOfTheirMeans() throws {
    let examples = try smallImages(50).binarized(seed: 0)
    func untrained() throws -> SmallNetwork {
      try SmallNetwork(smallModel(latents: 2), exampleShape: [8, 8, 1], seed: 2)
    }
    func bound(_ deviation: Double) throws -> Double {
      let network = try untrained()
      let weights = WeightPosterior(over: network.model.generativeVariables, deviation: deviation)
      return try ExampleMeter(network, examples, seed: 1) { batch in
        batch.graph.substituting(weights.draw(in: batch.graph)) {
          Objective.elbo().terms(network.model, ExampleBatch(examples: batch), mode: .inference).elbo
        }
      }.mean()
    }
    let point = try ExampleMeter.bound(untrained(), examples, seed: 1).mean()
    #expect(abs(try bound(1e-6) - point) < 1)
    #expect(try bound(2) < point - 10)
  }
}
