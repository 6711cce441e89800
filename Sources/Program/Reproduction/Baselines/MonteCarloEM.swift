import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentOptimizers
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Monte Carlo EM without a recognition network (Kingma & Welling 2013, appendix E): each minibatch gets one Hamiltonian
/// transition of its latents, then five steps of Adagrad on log p(x, z) for the weights.
///
/// Every training example has a chain of its own, which begins with a draw from the prior and goes on when the example
/// comes again: not a method for data without end.
final class MonteCarloEM: Learner {
  let network: SmallNetwork
  private(set) var samplesSeen = 0
  /// How often proposals were accepted, averaged over the latest hundred minibatches or so.
  private(set) var acceptance = 0.9

  private let examples: Examples
  private let chains: PosteriorChains
  private let update: any Executable
  private let seed: UInt64
  private var order: MinibatchOrder
  /// [examples, latents].
  private var latents: [Float]

  /// How many weight updates follow a transition.
  static let updates = 5

  /// Prepares chains for all examples, and the updates.
  init(
    _ network: SmallNetwork, _ examples: Examples, learningRate: Double, batchSize: Int = 100, seed: UInt64
  ) throws {
    self.network = network
    self.examples = examples
    self.seed = seed
    order = MinibatchOrder(size: batchSize, count: examples.count, seed: seed)
    chains = try PosteriorChains(network, examples: order.size, chains: 1)
    let graph = Graph()
    let model = network.model
    let z = graph.input("latents", shape: [1, order.size, model.latents])
    let likelihood = model.logLikelihood(network.batch(order.size, in: graph), z, mode: .training)
    let loss = network.weightDecay(examples: examples.count, in: graph) - likelihood.mean()
    let optimizer = Optimizer(.adagrad, learningRate: learningRate)
    OptimizerState(optimizer, over: model.generativeVariables)
      .minimize(loss, learningRate: graph.constant(learningRate))
    update = try network.backend.compile(Program(graph: graph, outputs: [loss]), state: network.store)
    let start = Graph()
    let draw = start.random(.normal, shape: [examples.count, model.latents])
    let executable = try network.backend.compile(Program(graph: start, outputs: [draw]), state: network.store)
    latents = try executable.run([], random: RandomState(seed: seed, step: 1 << 40))[0].floats
  }

  func train(until samples: Int) throws {
    let width = network.model.latents
    while samplesSeen < samples {
      let random = RandomState(seed: seed, step: UInt64(order.step))
      let batch = order.next()
      chains.positions = batch.flatMap { latents[($0 * width)..<(($0 + 1) * width)] }
      try chains.set(examples, batch)
      try chains.advance(random, gain: 0.5)
      acceptance += 0.01 * (chains.acceptance - acceptance)
      for (place, example) in batch.enumerated() {
        latents.replaceSubrange(
          (example * width)..<((example + 1) * width), with: chains.positions[(place * width)..<((place + 1) * width)])
      }
      try update.fill("examples") { try examples.copy(batch, into: $0) }
      update.fill("latents") { _ = $0.update(fromContentsOf: chains.positions) }
      for _ in 0..<Self.updates { try update.run(random) }
      guard update.scalar(0).isFinite else {
        throw LatentError.failure(
          "Training diverged after \(samplesSeen) examples", remedy: "Take a smaller step size")
      }
      samplesSeen += batch.count
    }
  }
}
