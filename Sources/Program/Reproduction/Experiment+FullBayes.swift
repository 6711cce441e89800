import LatentDatasets
import Foundation
import LatentLayers
import LatentOptimizers
import LatentTensorGraph
import LatentVariationalAutoencoders

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
      weights and the same prior (MAP), trained as long, and as a control stopped early: a tenth of the N examples is held \
      out until their bound has not improved twenty times in a row (it is looked at every hundred and fiftieth part of the \
      way), and then all N are gone through as often as was best. Bounds of the first 1000 training and 2000 test examples; \
      the bound of test examples leaves the divergence out, which is paid for once. The paper derives this and reports no \
      experiment.
      """
  ) { context in
    try [(count: 1000, epochs: 1500), (10_000, 300)].flatMap { count, epochs in
      let data = try context.binaryDigits(training: count)
      var models: [[WeightModel]] = []
      let start = Date()
      for seed in context.seeds {
        let total = context.epochs(epochs) * data.train.count
        models.append(
          try [
            pointWeights(context, data, total, seed: seed), stoppedWeights(context, data, total, seed: seed),
          ] + drawnWeights(context, data, total, seed: seed))
      }
      let seconds = -start.timeIntervalSinceNow
      var rows = WeightModel.rows(models) + WeightModel.differences(models, from: stoppedName)
      for index in rows.indices { rows[index].row += ", N = \(count)" }
      rows[0].seconds = seconds
      return rows
    }
  }

  private static let stoppedName = "point weights stopped early"

  /// The bound of each test example and the mean of the training examples, by a network as it stands.
  private static func bounds(
    _ network: SmallNetwork, _ data: (train: Examples, test: Examples), seed: UInt64
  ) throws -> (train: Double, test: [Double]) {
    let train = try ExampleMeter.bound(network, data.train.prefix(1000), seed: seed).mean()
    return (train, try ExampleMeter.bound(network, data.test.prefix(2000), seed: seed).values())
  }

  private static func pointLearner(_ train: Examples, seed: UInt64) throws -> MinibatchLearner {
    let network = try SmallNetwork(hidden: 100, latents: 10, exampleShape: train.shape, seed: seed)
    return try MinibatchLearner(network, train, optimizer: .adam(), seed: seed) { batch in
      let decay = network.weightDecay(examples: train.count, in: batch.graph)
      return LearningMethod.variational.losses(network.model, batch).map { ($0.loss + decay, $0.variables) }
    }
  }

  private static func pointWeights(
    _ context: ExperimentContext, _ data: (train: Examples, test: Examples), _ total: Int, seed: UInt64
  ) throws -> WeightModel {
    let learner = try pointLearner(data.train, seed: seed)
    try learner.train(until: total)
    let bound = try bounds(learner.network, data, seed: seed)
    let model = WeightModel("point weights", train: bound.train, test: bound.test)
    context.report("\(data.train.count) examples, point weights, seed \(seed): test bound \(Float(model.testMean))")
    return model
  }

  /// Point weights that have gone through all examples as often as was best for a tenth of them, held out at first.
  private static func stoppedWeights(
    _ context: ExperimentContext, _ data: (train: Examples, test: Examples), _ total: Int, seed: UInt64
  ) throws -> WeightModel {
    let (part, held) = try data.train.split(validation: max(1, data.train.count / 10), seed: seed)
    let first = try pointLearner(part, seed: seed)
    let meter = ExampleMeter.bound(first.network, held, seed: seed)
    let whole = Double(total) / Double(data.train.count)
    var best = (bound: -Double.infinity, epochs: 0.0)
    var worse = 0
    for stop in 1...150 where worse < 20 {
      try first.train(until: Int(whole * Double(stop) / 150 * Double(part.count)))
      let bound = try meter.mean()
      worse = bound > best.bound ? 0 : worse + 1
      if worse == 0 { best = (bound, Double(first.samplesSeen) / Double(part.count)) }
    }
    let learner = try pointLearner(data.train, seed: seed)
    try learner.train(until: Int(best.epochs * Double(data.train.count)))
    let bound = try bounds(learner.network, data, seed: seed)
    var model = WeightModel(stoppedName, train: bound.train, test: bound.test)
    model.others = [("epochs, \(stoppedName)", best.epochs)]
    context.report(
      "\(data.train.count) examples, \(stoppedName) after \(Float(best.epochs)) epochs, seed \(seed): test bound "
        + "\(Float(model.testMean))")
    return model
  }

  private static func drawnWeights(
    _ context: ExperimentContext, _ data: (train: Examples, test: Examples), _ total: Int, seed: UInt64
  ) throws -> [WeightModel] {
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
    func measure(_ examples: Examples) throws -> [Double] {
      try ExampleMeter(network, examples, seed: seed) { drawnBound(network, weights, $0, mode: .inference) }
        .values(batchSize: 50)
    }
    let train = SampleStatistics(try measure(data.train.prefix(1000))).mean
    let test = try measure(data.test.prefix(2000))
    let graph = Graph()
    let program = Program(graph: graph, outputs: [weights.divergence(in: graph) / Double(examples)])
    let divergence = try network.backend.compile(program, state: network.store).run([])[0].doubles[0]
    let means = try bounds(network, data, seed: seed)
    var drawn = WeightModel("drawn weights", train: train, test: test)
    drawn.others = [
      ("the weights' divergence per example", divergence),
      ("training bound with the weights' divergence", train - divergence),
    ]
    context.report("\(examples) examples, drawn weights, seed \(seed): test bound \(Float(drawn.testMean))")
    return [drawn, WeightModel("posterior means of the weights", train: means.train, test: means.test)]
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

/// What one way of treating the weights gives for one seed.
private struct WeightModel {
  let name: String
  let train: Double
  /// The bound of each test example.
  let test: [Double]
  /// Figures that only this model has.
  var others: [(name: String, value: Double)] = []

  init(_ name: String, train: Double, test: [Double]) {
    self.name = name
    self.train = train
    self.test = test
  }

  var testMean: Double { SampleStatistics(test).mean }

  /// The rows of all models, from those of each seed.
  static func rows(_ seeds: [[WeightModel]]) -> [ReproductionRow] {
    seeds[0].indices.flatMap { index in
      let models = seeds.map { $0[index] }
      let name = models[0].name
      let figures = [
        ("test bound, \(name)", models.map(\.testMean)), ("training bound, \(name)", models.map(\.train)),
        ("test minus training bound, \(name)", models.map { $0.testMean - $0.train }),
      ]
      let others = models[0].others.indices.map { other in
        (models[0].others[other].name, models.map { $0.others[other].value })
      }
      return (figures + others).map { ReproductionRow($0.0, values: $0.1, seconds: 0) }
    }
  }

  /// The differences of test bounds from one model's.
  static func differences(_ seeds: [[WeightModel]], from reference: String) -> [ReproductionRow] {
    seeds[0].indices
      .map { index in ExampleFigures(seeds[0][index].name, seeds: seeds.map { $0[index].test }) }
      .differences("test bound", from: reference)
  }
}
