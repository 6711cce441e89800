import LatentDatasets
import LatentFileFormats
import Foundation

extension Experiment {
  /// Kingma & Welling 2013, figure 3: the marginal likelihood while AEVB, wake-sleep, and Monte Carlo EM train.
  static let marginalLikelihoods = Experiment(
    "aevb-figure3", "AEVB, wake-sleep, and Monte Carlo EM: the marginal likelihood",
    paper: "Kingma & Welling 2013, figure 3",
    protocol: """
      MNIST, statically binarised, one hidden layer of 100 tanh units on either side, 3 latents, the first 1000 and the first \
      50,000 training examples; kernels, prior of the weights, and batches as for figure 2, Adagrad's step size chosen as \
      there (by the estimated likelihood for Monte Carlo EM). 3 million examples seen, where the paper goes to 60 million. \
      Monte Carlo EM: a transition of 10 leapfrog steps tuned to 90 % acceptance, its chains kept from epoch to epoch, then 5 \
      weight updates; for 1000 examples only, as it is not an online method. log p(x) of the first 200 training and test \
      examples (fewer where the effort is below 0.4) by the paper's estimator (appendix D): 16 chains for each, started at \
      draws from the prior resampled by likelihood from 8192, 20 transitions to tune and forget, 12 draws of each chain to \
      fit a Normal with full covariance, 12 to average over. A Normal is too wide for a posterior with several modes, whose \
      likelihood it overstates by some nats; Monte Carlo EM has such ones. The paper gives curves and no numbers.
      """
  ) { context in
    var rows: [ReproductionRow] = []
    var panels: [LineChart.Panel] = []
    for count in [1000, 50_000] {
      let data = try context.binaryDigits(training: count)
      var series: [LineChart.Series] = []
      for (learner, color) in zip(LikelihoodLearner.allCases, LineChart.palette)
      where learner != .monteCarloEM || count == 1000 {
        let start = Date()
        var ends: [LearningCurve.Point] = []
        for seed in context.seeds {
          let curve = try likelihoodCurve(context, learner, data, epochs: 3_000_000 / count, seed: seed)
          ends.append(curve.last)
          if seed == context.seeds[0] { series += curve.series(learner.rawValue, color: color) }
        }
        let name = "N = \(count), \(learner.rawValue)"
        rows.append(
          ReproductionRow(
            "test log-likelihood, \(name)", values: ends.map(\.test), seconds: -start.timeIntervalSinceNow))
        rows.append(ReproductionRow("training log-likelihood, \(name)", values: ends.map(\.train), seconds: 0))
      }
      panels.append(
        LineChart.Panel(
          title: "\(count) training examples", xAxis: .init(title: "training examples seen", scale: .logarithmic),
          yAxis: .init(title: "marginal log-likelihood (nats)", range: -220 ... -90), series: series))
    }
    try context.write(LineChart(panels: panels, plotWidth: 320, plotHeight: 240), "aevb-figure3.svg")
    return rows
  }

  /// Who trains.
  private enum LikelihoodLearner: String, CaseIterable {
    case variational = "AEVB"
    case wakeSleep = "wake-sleep"
    case monteCarloEM = "Monte Carlo EM"

    func make(
      _ network: SmallNetwork, _ examples: Examples, learningRate: Double, seed: UInt64
    ) throws -> any Learner {
      switch self {
      case .variational:
        try MinibatchLearner(.variational, network, examples, learningRate: learningRate, seed: seed)
      case .wakeSleep: try MinibatchLearner(.wakeSleep, network, examples, learningRate: learningRate, seed: seed)
      case .monteCarloEM: try MonteCarloEM(network, examples, learningRate: learningRate, seed: seed)
      }
    }
  }

  private static func likelihoodCurve(
    _ context: ExperimentContext, _ method: LikelihoodLearner, _ data: (train: Examples, test: Examples), epochs: Int,
    seed: UInt64
  ) throws -> LearningCurve {
    let measured = min(200, max(10, Int(500 * context.effort)))
    let total = max(data.train.count, Int(context.effort * Double(epochs * data.train.count)))
    func make() throws -> SmallNetwork {
      try SmallNetwork(hidden: 100, latents: 3, exampleShape: data.train.shape, seed: seed)
    }
    let stepSize = try LearningCurve.bestStepSize { stepSize in
      let network = try make()
      let learner = try method.make(network, data.train, learningRate: stepSize, seed: seed)
      try learner.train(until: min(50_000, total / 10))
      guard method == .monteCarloEM else {
        return try ExampleMeter.bound(network, data.train.prefix(1000), seed: seed).mean()
      }
      return SampleStatistics(try MarginalLikelihood(network, data.train.prefix(measured), seed: seed).values()).mean
    }
    let network = try make()
    let learner = try method.make(network, data.train, learningRate: stepSize, seed: seed)
    let train = MarginalLikelihood(network, data.train.prefix(measured), seed: seed)
    let test = MarginalLikelihood(network, data.test.prefix(measured), seed: seed)
    let marks = LearningCurve.marks(from: max(100, total / 100), to: total, count: context.effort < 0.1 ? 3 : 7)
    return try LearningCurve(learner, at: marks) {
      let figures = (
        train: SampleStatistics(try train.values()).mean, test: SampleStatistics(try test.values()).mean
      )
      context.report(
        "\(data.train.count) examples, \(method.rawValue), step size \(stepSize), seed \(seed): "
          + "\(learner.samplesSeen) of \(total) examples, test log-likelihood \(Float(figures.test))")
      return figures
    }
  }
}
