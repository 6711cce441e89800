import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentOptimizers
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Descends losses of minibatches, one program for each step.
final class MinibatchLearner: Learner {
  let network: SmallNetwork
  private(set) var samplesSeen = 0
  private let examples: Examples
  private let executable: any Executable
  private let seed: UInt64
  private var order: MinibatchOrder

  /// Builds the step.
  ///
  /// - Parameters:
  ///   - extra: trainable variables besides the model's.
  ///   - losses: what a batch descends, each with its variables.
  init(
    _ network: SmallNetwork, _ examples: Examples, optimizer: Optimizer, extra: [Variable] = [], batchSize: Int = 100,
    seed: UInt64, losses: (Tensor) -> [(loss: Tensor, variables: [Variable])]
  ) throws {
    self.network = network
    self.examples = examples
    self.seed = seed
    order = MinibatchOrder(size: batchSize, count: examples.count, seed: seed)
    let graph = Graph()
    let losses = losses(network.batch(order.size, in: graph))
    OptimizerState(optimizer, over: network.model.variables + extra)
      .minimize(losses, learningRate: graph.constant(optimizer.learningRate))
    let total = losses.dropFirst().reduce(losses[0].loss) { $0 + $1.loss }
    executable = try network.backend.compile(Program(graph: graph, outputs: [total]), state: network.store)
  }

  /// Trains by a method with Adagrad and the prior N(0, I) of the generative weights.
  convenience init(
    _ method: LearningMethod, _ network: SmallNetwork, _ examples: Examples, learningRate: Double, seed: UInt64
  ) throws {
    try self.init(
      network, examples, optimizer: Optimizer(.adagrad, learningRate: learningRate), seed: seed
    ) { batch in
      let decay = network.weightDecay(examples: examples.count, in: batch.graph)
      return method.losses(network.model, batch).enumerated().map { index, part in
        // The first loss of either method is the one that the generative weights descend.
        (index == 0 ? part.loss + decay : part.loss, part.variables)
      }
    }
  }

  func train(until samples: Int) throws {
    while samplesSeen < samples {
      let random = RandomState(seed: seed, step: UInt64(order.step))
      let batch = order.next()
      try executable.fill("examples") { try examples.copy(batch, into: $0) }
      try executable.run(random)
      guard executable.scalar(0).isFinite else {
        throw LatentError.failure(
          "Training diverged after \(samplesSeen) examples", remedy: "Take a smaller step size")
      }
      samplesSeen += batch.count
    }
  }
}
