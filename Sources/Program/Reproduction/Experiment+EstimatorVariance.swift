import LatentDatasets
import LatentExecution
import Foundation
import LatentRandomness
import LatentVariationalAutoencoders

extension Experiment {
  /// Kingma & Welling 2013, section 2.2: what reparameterisation is for.
  static let estimatorVariance = Experiment(
    "estimator-variance", "the gradient's variance, reparameterised against the score function",
    paper: "Kingma & Welling 2013, sections 2.2 to 2.4",
    protocol: """
      MNIST, statically binarised, 784-500-20 tanh, trained by AEVB as for figure 2 (Adagrad with step size 0.02), at the start \
      and after 1 and 10 epochs. Trace of the covariance, over the noise of one latent for each example, of the gradient of \
      the bound (estimator A) with respect to all parameters of the encoder: half the squared distance of two gradients of \
      one minibatch, averaged over 1000 minibatches drawn at random of 1 example and 200 of 100. The baseline is the mean \
      bound of 2000 training examples. Ratios are those of the means over the same minibatches, their errors the \
      jackknife's over minibatches (with several seeds, the errors are over seeds). At the start the decoder does not yet \
      listen to its latents, so that the bound is nearly the baseline whatever is drawn, while estimator A keeps the noise of \
      log p(z) - log q(z|x). The paper calls the score function's variance very high and gives no number.
      """
  ) { context in
    let data = try context.binaryDigits()
    let stages = [0, 1, 10]
    var rows: [VarianceRow] = []
    for seed in context.seeds {
      let network = try SmallNetwork(hidden: 500, latents: 20, exampleShape: data.train.shape, seed: seed)
      let learner = try MinibatchLearner(.variational, network, data.train, learningRate: 0.02, seed: seed)
      let estimators: [Objective.Gradient] = [.pathwise, .scoreFunction, .scoreFunctionWithBaseline]
      let single = try estimators.map { try GradientNoise(network, estimator: $0, batchSize: 1) }
      let meters = [
        single,
        try zip(estimators, single).map { try GradientNoise(network, estimator: $0, batchSize: 100, sharing: $1) },
      ]
      let bound = ExampleMeter.bound(network, data.train.prefix(2000), seed: seed)
      for stage in stages {
        try learner.train(until: stage == 0 ? 0 : context.epochs(stage) * data.train.count)
        let baseline = try bound.mean()
        for (size, meters) in zip([1, 100], meters) {
          let count = max(10, Int(Double(size == 1 ? 1000 : 200) * min(1, context.effort)))
          context.report("epoch \(stage), batches of \(size), seed \(seed)")
          let what = "batch \(size), \(stage == 0 ? "start" : "epoch \(stage)")"
          rows += try variances(meters, data.train, size, count, baseline: baseline, seed: seed, what)
        }
      }
    }
    return VarianceRow.joined(rows)
  }

  /// The variances of the three estimators and their ratios.
  private static func variances(
    _ meters: [GradientNoise], _ examples: Examples, _ size: Int, _ count: Int, baseline: Double, seed: UInt64,
    _ what: String
  ) throws -> [VarianceRow] {
    let names = ["reparameterised", "score function", "score function with baseline"]
    var spreads: [[Double]] = []
    var rows: [VarianceRow] = []
    for (name, meter) in zip(names, meters) {
      let start = Date()
      try meter.set(baseline: baseline)
      var stream = RandomStream(seed: seed, name: "minibatches")
      let values = try (0..<count).map { step in
        let indices = (0..<size).map { _ in Int.random(in: 0..<examples.count, using: &stream) }
        return try meter.spread(examples, indices, RandomState(seed: seed, step: UInt64(step)))
      }
      let statistics = SampleStatistics(values)
      rows.append(
        VarianceRow(
          name: "variance, \(name), \(what)", value: statistics.mean, error: statistics.error,
          seconds: -start.timeIntervalSinceNow))
      spreads.append(values)
    }
    for (name, values) in zip(names, spreads).dropFirst() {
      let ratio = SampleStatistics.ratio(values, spreads[0])
      rows.append(
        VarianceRow(
          name: "ratio, \(name) to reparameterised, \(what)", value: ratio.value, error: ratio.error, seconds: 0))
    }
    return rows
  }
}

/// A figure of one seed with an error of its own.
private struct VarianceRow {
  let name: String
  let value: Double
  let error: Double
  let seconds: Double

  /// One row for each name; a single seed's keeps its own error.
  static func joined(_ rows: [VarianceRow]) -> [ReproductionRow] {
    var names: [String] = []
    for row in rows where !names.contains(row.name) { names.append(row.name) }
    return names.map { name in
      let own = rows.filter { $0.name == name }
      var row = ReproductionRow(name, values: own.map(\.value), seconds: own.reduce(0) { $0 + $1.seconds })
      if own.count == 1 { row.standardError = own[0].error }
      return row
    }
  }
}
