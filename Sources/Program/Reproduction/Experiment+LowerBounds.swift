import LatentDatasets
import LatentFileFormats
import Foundation

extension Experiment {
  /// Kingma & Welling 2013, figure 2: the lower bound while AEVB and wake-sleep train the same networks.
  static let lowerBounds = Experiment(
    "aevb-figure2", "AEVB against wake-sleep: the lower bound, for 3 to 200 latents",
    paper: "Kingma & Welling 2013, figure 2",
    protocol: """
      MNIST, statically binarised, one hidden layer of 500 tanh units on either side, 3, 5, 10, 20, and 200 latents; kernels \
      from N(0, 0.01^2), prior N(0, I) of the generative weights, batches of 100, one latent for each example. Adagrad, its \
      step size the one of 0.01, 0.02, 0.1 with the best bound of training examples after 50,000 examples (a tenth of a \
      shorter run). 3 million examples seen (50 epochs), where the paper goes to 100 million. The bound of the first 2000 \
      test and the first 2000 training examples, with one latent each. Wake-sleep's dreams are binary as the data are. The \
      paper gives curves and no numbers; it does not say how pixels are treated. Its Frey Face half is left out: those \
      pictures are not among the data sets.
      """
  ) { context in
    let data = try context.binaryDigits()
    var rows: [ReproductionRow] = []
    var panels: [LineChart.Panel] = []
    for latents in [3, 5, 10, 20, 200] {
      var figures: [LearningMethod: [LearningCurve.Point]] = [:]
      var series: [LineChart.Series] = []
      for (method, color) in zip(LearningMethod.allCases, LineChart.palette) {
        let start = Date()
        for seed in context.seeds {
          let curve = try boundCurve(context, method, data, hidden: 500, latents: latents, seed: seed)
          figures[method, default: []].append(curve.last)
          if seed == context.seeds[0] { series += curve.series(method.rawValue, color: color) }
        }
        rows.append(
          ReproductionRow(
            "test bound, \(latents) latents, \(method.rawValue)", values: (figures[method] ?? []).map(\.test),
            seconds: -start.timeIntervalSinceNow))
      }
      let (own, other) = (figures[.variational] ?? [], figures[.wakeSleep] ?? [])
      rows.append(
        ReproductionRow(
          "AEVB minus wake-sleep at the end, \(latents) latents", values: zip(own, other).map { $0.test - $1.test },
          seconds: 0))
      if latents == 200 {
        rows.append(
          ReproductionRow(
            "test minus train bound, 200 latents, AEVB", values: own.map { $0.test - $0.train }, seconds: 0))
      }
      panels.append(
        LineChart.Panel(
          title: "MNIST, \(latents) latents", xAxis: .init(title: "training examples seen", scale: .logarithmic),
          yAxis: .init(title: "lower bound (nats)", range: -200 ... -95), series: series))
    }
    try context.write(LineChart(panels: panels), "aevb-figure2.svg")
    return rows
  }

  /// The bound of training and test examples while a method trains a network on all of them.
  static func boundCurve(
    _ context: ExperimentContext, _ method: LearningMethod, _ data: (train: Examples, test: Examples), hidden: Int,
    latents: Int, seed: UInt64
  ) throws -> LearningCurve {
    let total = context.epochs(50) * data.train.count
    func make() throws -> SmallNetwork {
      try SmallNetwork(hidden: hidden, latents: latents, exampleShape: data.train.shape, seed: seed)
    }
    let stepSize = try LearningCurve.bestStepSize { stepSize in
      let network = try make()
      let learner = try MinibatchLearner(method, network, data.train, learningRate: stepSize, seed: seed)
      try learner.train(until: min(50_000, total / 10))
      return try ExampleMeter.bound(network, data.train.prefix(1000), seed: seed).mean()
    }
    let network = try make()
    let learner = try MinibatchLearner(method, network, data.train, learningRate: stepSize, seed: seed)
    let train = ExampleMeter.bound(network, data.train.prefix(2000), seed: seed)
    let test = ExampleMeter.bound(network, data.test.prefix(2000), seed: seed)
    let marks = LearningCurve.marks(from: max(100, total / 300), to: total, count: 12)
    return try LearningCurve(learner, at: marks) {
      let figures = (train: try train.mean(), test: try test.mean())
      context.report(
        "\(latents) latents, \(method.rawValue), step size \(stepSize), seed \(seed): \(learner.samplesSeen) of "
          + "\(total) examples, test bound \(Float(figures.test))")
      return figures
    }
  }
}
