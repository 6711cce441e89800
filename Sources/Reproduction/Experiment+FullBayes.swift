import Datasets
import Foundation
import Layers
import Optimizers
import TensorGraph
import VariationalAutoencoders

extension Experiment {
  /// Kingma & Welling 2013, appendix F: a posterior over the weights in the same bound.
  static let fullBayes = Experiment(
    "aevb-full-bayes", "full variational Bayes over the generative weights", paper: "Kingma & Welling 2013, appendix F",
    protocol: """
      MNIST, statically binarised, one hidden layer of 100 tanh units on either side, 10 latents, the first 1000 and the \
      first 10,000 training examples, batches of 100, Adam 1e-3, 1500 and 300 epochs. The generative weights have independent \
      Normal posteriors, at first of standard deviation 0.02, and the prior N(0, I); one draw theta = mu + sigma zeta for \
      each minibatch; the encoder's weights are points, being variational parameters themselves. Bound per example: the \
      bound of the latents with drawn weights, minus the weights' divergence over N. Beside it the same networks with point \
      weights and the same prior (MAP). Bounds of the first 1000 training and 2000 test examples; the bound of test examples \
      leaves the divergence out, which is paid for once. The paper derives this and reports no experiment.
      """
  ) { context in
    try [(count: 1000, epochs: 1500), (10_000, 300)].flatMap { count, epochs in
      let data = try context.binaryDigits(training: count)
      var figures: [[WeightFigure]] = []
      let start = Date()
      for seed in context.seeds {
        let total = context.epochs(epochs) * data.train.count
        figures.append(
          try pointWeights(context, data, total, seed: seed) + drawnWeights(context, data, total, seed: seed))
      }
      let seconds = -start.timeIntervalSinceNow
      return figures[0].indices.map { index in
        ReproductionRow(
          "\(figures[0][index].name), N = \(count)", values: figures.map { $0[index].value },
          seconds: index == 0 ? seconds : 0)
      }
    }
  }

  private typealias WeightFigure = (name: String, value: Double)

  /// A network with a mean bound of test and training examples.
  private static func bounds(
    _ network: SmallNetwork, _ data: (train: Examples, test: Examples), seed: UInt64
  ) throws -> (train: Double, test: Double) {
    let train = try ExampleMeter.bound(network, data.train.prefix(1000), seed: seed).mean()
    return (train, try ExampleMeter.bound(network, data.test.prefix(2000), seed: seed).mean())
  }

  private static func pointWeights(
    _ context: ExperimentContext, _ data: (train: Examples, test: Examples), _ total: Int, seed: UInt64
  ) throws -> [WeightFigure] {
    let network = try SmallNetwork(hidden: 100, latents: 10, exampleShape: data.train.shape, seed: seed)
    let learner = try MinibatchLearner(network, data.train, optimizer: .adam(), seed: seed) { batch in
      let decay = network.weightDecay(examples: data.train.count, in: batch.graph)
      return LearningMethod.variational.losses(network.model, batch).map { ($0.loss + decay, $0.variables) }
    }
    try learner.train(until: total)
    let bound = try bounds(network, data, seed: seed)
    context.report("\(data.train.count) examples, point weights, seed \(seed): test bound \(Float(bound.test))")
    return [
      ("test bound, point weights", bound.test), ("training bound, point weights", bound.train),
      ("test minus training bound, point weights", bound.test - bound.train),
    ]
  }

  private static func drawnWeights(
    _ context: ExperimentContext, _ data: (train: Examples, test: Examples), _ total: Int, seed: UInt64
  ) throws -> [WeightFigure] {
    let network = try SmallNetwork(hidden: 100, latents: 10, exampleShape: data.train.shape, seed: seed)
    let weights = WeightPosterior(over: network.model.generativeVariables)
    let examples = data.train.count
    let learner = try MinibatchLearner(
      network, data.train, optimizer: .adam(), extra: weights.logDeviations, seed: seed
    ) { batch in
      let divergence = weights.divergence(in: batch.graph) / Double(examples)
      let loss = divergence - drawnBound(network, weights, batch, mode: .training).mean()
      return [(loss, network.model.variables + weights.logDeviations)]
    }
    try learner.train(until: total)
    func measure(_ examples: Examples) throws -> Double {
      try ExampleMeter(network, examples, seed: seed) { drawnBound(network, weights, $0, mode: .inference) }
        .mean(batchSize: 50)
    }
    let train = try measure(data.train.prefix(1000))
    let test = try measure(data.test.prefix(2000))
    let graph = Graph()
    let program = Program(graph: graph, outputs: [weights.divergence(in: graph) / Double(examples)])
    let divergence = try network.backend.compile(program, state: network.store).run([])[0].doubles[0]
    let means = try bounds(network, data, seed: seed)
    context.report("\(examples) examples, drawn weights, seed \(seed): test bound \(Float(test))")
    return [
      ("test bound, drawn weights", test), ("training bound, drawn weights", train),
      ("test minus training bound, drawn weights", test - train),
      ("the weights' divergence per example", divergence),
      ("training bound with the weights' divergence", train - divergence),
      ("test bound, posterior means of the weights", means.test),
    ]
  }

  /// The bound of latents with one draw of the generative weights for the batch, [B].
  private static func drawnBound(
    _ network: SmallNetwork, _ weights: WeightPosterior, _ batch: Tensor, mode: Mode
  ) -> Tensor {
    batch.graph.substituting(weights.draw(in: batch.graph)) {
      Objective.elbo().terms(network.model, ExampleBatch(examples: batch), mode: mode).elbo
    }
  }
}
