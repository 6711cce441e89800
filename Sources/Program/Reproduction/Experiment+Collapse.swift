import LatentEvaluation
import Foundation
import LatentOptimizers
import LatentTraining
import LatentVariationalAutoencoders

extension Experiment {
  /// A configuration that collapses, and three cures of it.
  static let collapse = Experiment(
    "collapse", "posterior collapse, and its cures", paper: "Bowman et al. 2016; Kingma et al. 2016; He et al. 2019",
    protocol: """
      Statically binarised MNIST, encoder 784-500-500-20 with ReLU, a decoder of 8 hidden layers of 200 tanh units, which at \
      first passes nothing on; batch 100, Adam 1e-3, 20 epochs. Active latents, rate, and mutual information of the test set, \
      plain, with linear annealing over 10 epochs, with half a free nat for each latent, and with aggressive training of the \
      encoder.
      """
  ) { context in
    let plain = RunConfiguration(
      model: VariationalAutoencoder(
        prior: .standardNormal(dimensions: 20), encoder: .mlp(hidden: [500, 500], activation: .relu),
        decoder: .mlp(hidden: [Int](repeating: 200, count: 8), activation: .tanh)),
      binarization: .static, epochs: 20)
    var annealed = plain
    annealed.objective = .elbo(beta: .linear(epochs: Double(context.epochs(20)) / 2))
    var free = plain
    free.objective.freeBits.nats = 0.5
    var ahead = plain
    ahead.lagging = .aggressive
    let cases = [("plain", plain), ("annealing", annealed), ("free bits", free), ("aggressive", ahead)]
    let test = try context.binarizedTest("mnist")
    var bounds: [ExampleFigures] = []
    let rows = try cases.filter { context.wants($0.0) }.flatMap { name, configuration in
      let start = Date()
      var figures: [[Double]] = []
      var elbos: [[Double]] = []
      for seed in context.seeds {
        let evaluator = Evaluator(try context.train(configuration, seed: seed, name), seed: seed)
        let report = try evaluator.collapseReport(test, seed: seed)
        let bound = try evaluator.bound(test)
        figures.append([Double(report.activeCount), bound.rate, report.mutualInformation.value])
        elbos.append(bound.values)
      }
      bounds.append(ExampleFigures(name, seeds: elbos))
      let seconds = -start.timeIntervalSinceNow
      return ["active latents", "rate", "mutual information"].enumerated().map { index, figure in
        ReproductionRow("\(figure), \(name)", values: figures.map { $0[index] }, seconds: index == 0 ? seconds : 0)
      } + [ExampleFigures(name, seeds: elbos).row("elbo")]
    }
    return rows + bounds.differences("elbo", from: "plain")
  }
}
