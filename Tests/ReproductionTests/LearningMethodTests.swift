import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentReproduction

/// Wake-sleep, AEVB, and Monte Carlo EM on pictures that are learned in a moment.
@Suite struct LearningMethodTests {
  private func network() throws -> SmallNetwork {
    try SmallNetwork(smallModel(latents: 2), exampleShape: [8, 8, 1], seed: 2)
  }

  @Test(arguments: LearningMethod.allCases)
  func trainingRaisesTheBound(_ method: LearningMethod) throws {
    let examples = try smallImages(300).binarized(seed: 0)
    let network = try network()
    let meter = ExampleMeter.bound(network, examples, seed: 1)
    let before = try meter.mean()
    let learner = try MinibatchLearner(method, network, examples, learningRate: 0.05, seed: 1)
    try learner.train(until: 30_000)
    #expect(learner.samplesSeen == 30_000)
    #expect(try meter.mean() > before + 10)
  }

  @Test func eachPhaseOfWakeSleepLeavesTheOtherNetworkAlone() throws {
    let network = try network()
    let graph = Graph()
    let losses = LearningMethod.wakeSleep.losses(network.model, network.batch(20, in: graph))
    let generative = network.model.generativeVariables.map(graph.read)
    let inference = network.model.inferenceVariables.map(graph.read)
    let slopes = [
      gradient(of: losses[0].loss, withRespectTo: inference), gradient(of: losses[1].loss, withRespectTo: generative),
      gradient(of: losses[0].loss, withRespectTo: generative), gradient(of: losses[1].loss, withRespectTo: inference),
    ]
    let outputs = slopes.map { $0.map { $0.squared().sum() }.reduce(graph.constant(0), +) }
    let program = Program(graph: graph, outputs: outputs)
    let executable = try network.backend.compile(program, state: network.store)
    executable.fill("examples") { $0.update(repeating: 0.5) }
    try executable.run(RandomState(seed: 1))
    #expect(executable.scalar(0) == 0 && executable.scalar(1) == 0)
    #expect(executable.scalar(2) > 0 && executable.scalar(3) > 0)
    #expect(losses[0].variables == network.model.generativeVariables)
    #expect(losses[1].variables == network.model.inferenceVariables)
  }

  @Test func wakeSleepLearnsTheRecognitionOfDreams() throws {
    // The sleep phase climbs E log q(z|x) of dreams, whose best value is -H(z|x); at first it is near that of N(0, I).
    let network = try network()
    let examples = try smallImages(200).binarized(seed: 0)
    let meter = ExampleMeter(network, examples, seed: 5) { batch in
      let z = network.model.generate(batch.shape[0], in: batch.graph)
      let dream = network.model.likelihood(z, mode: .inference).sample(count: nil)
      let zero = batch.flattened().sum([1]) * 0
      let posterior = network.model.posterior(dream.reshape(batch.shape), mode: .inference)
      return (posterior?.logProbability(z) ?? zero) + zero
    }
    let learner = try MinibatchLearner(.wakeSleep, network, examples, learningRate: 0.05, seed: 1)
    try learner.train(until: 30_000)
    #expect(try meter.mean() > -2.83 + 1)
  }

  @Test func monteCarloEMRaisesTheLikelihood() throws {
    let examples = try smallImages(200).binarized(seed: 0)
    let network = try network()
    let meter = MarginalLikelihood(network, examples.prefix(50), seed: 1)
    let before = SampleStatistics(try meter.values()).mean
    let encoder = try network.model.inferenceVariables.map { try network.store.value(of: $0) }
    let learner = try MonteCarloEM(network, examples, learningRate: 0.02, seed: 1)
    try learner.train(until: 20_000)
    #expect(SampleStatistics(try meter.values()).mean > before + 10)
    #expect((0.8...0.97).contains(learner.acceptance))
    #expect(try network.model.inferenceVariables.map { try network.store.value(of: $0) } == encoder)
  }

  @Test(arguments: LearningMethod.allCases)
  func theSameSeedGivesTheSameWeights(_ method: LearningMethod) throws {
    let examples = try smallImages(200).binarized(seed: 0)
    let values = try (0..<2).map { _ in
      let network = try network()
      try MinibatchLearner(method, network, examples, learningRate: 0.05, seed: 1).train(until: 2000)
      return try network.model.variables.map { try network.store.value(of: $0) }
    }
    #expect(values[0] == values[1])
  }

  @Test func everyEpochHasEveryExampleOnce() {
    var order = MinibatchOrder(size: 4, count: 12, seed: 1)
    let epochs = (0..<2).map { _ in (0..<3).flatMap { _ in order.next() } }
    #expect(epochs.allSatisfy { $0.sorted() == Array(0..<12) })
    #expect(epochs[0] != epochs[1])
    var few = MinibatchOrder(size: 100, count: 7, seed: 1)
    #expect(few.next().count == 7)
  }

  @Test func marksAreSpacedByEqualRatios() {
    #expect(LearningCurve.marks(from: 100, to: 10_000, count: 3) == [100, 1000, 10_000])
    #expect(LearningCurve.marks(from: 100, to: 100, count: 5) == [100])
  }

  @Test func theBestStepSizeIsThatWithTheBestBound() throws {
    #expect(try LearningCurve.bestStepSize { -abs($0 - 0.02) } == 0.02)
    #expect(try LearningCurve.bestStepSize { $0 == 0.1 ? .nan : -$0 } == 0.01)
  }
}
