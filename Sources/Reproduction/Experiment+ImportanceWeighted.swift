import Evaluation
import Foundation
import Optimizers
import Training
import VariationalAutoencoders

extension Experiment {
  /// Burda et al. 2015, table 1: VAE and IWAE on dynamically binarised MNIST.
  static let importanceWeightedTable = Experiment(
    "iwae-table1", "VAE and IWAE with one and two layers of latents on MNIST", paper: "Burda et al. 2015, table 1",
    protocol: """
      Dynamically binarised MNIST, 784-200-200-50 tanh, two layers 784-200-200-100-100-100-50; Muon from 0.012 to 0 along a \
      cosine, batch 1000, 300 epochs (100 for k = 50), where the paper takes 3280 of batch 20 with Adam in eight stages. \
      Negative log-likelihood of the test set by importance samples; a latent is active when the variance of its posterior \
      mean is above 0.01.
      """
  ) { context in
    try rows(context, layers: 1, [(1, false, 86.76, 300), (5, true, 85.54, 300), (50, true, 84.78, 100)])
      + rows(context, layers: 2, [(1, false, 85.33, 300)])
  }

  private static func rows(
    _ context: ExperimentContext, layers: Int,
    _ cases: [(samples: Int, isWeighted: Bool, published: Double, epochs: Int)]
  ) throws -> [ReproductionRow] {
    let test = try context.binarizedTest("mnist")
    return try cases.flatMap { samples, isWeighted, published, epochs -> [ReproductionRow] in
      let name = "\(isWeighted ? "IWAE" : "VAE") k = \(samples), \(layers == 1 ? "one layer" : "two layers")"
      guard context.wants(name) else { return [] }
      let start = Date()
      var likelihoods: [Double] = []
      var active: [Double] = []
      for seed in context.seeds {
        var configuration = try Preset.named(layers == 1 ? "iwae" : "hierarchical").configuration
        configuration.objective = isWeighted ? .importanceWeighted(samples) : .elbo()
        configuration.optimizer = .muon(learningRate: 0.012)
        configuration.batchSize = 1000
        configuration.epochs = epochs
        let (trained, _) = try context.train(configuration, seed: seed, name)
        let evaluator = Evaluator(trained, seed: seed)
        likelihoods.append(try evaluator.negativeLogLikelihood(test, samples: context.samples).nll)
        let counts = try evaluator.posteriorMeans(test).map { try ActiveUnits(posteriorMeans: $0).count }
        active.append(Double(counts.reduce(0, +)))
      }
      let seconds = -start.timeIntervalSinceNow
      return [
        ReproductionRow("nll, \(name)", published: published, values: likelihoods, seconds: seconds),
        ReproductionRow(
          "active latents, \(name)", published: publishedActive(layers, samples), values: active, seconds: 0),
      ]
    }
  }

  private static func publishedActive(_ layers: Int, _ samples: Int) -> Double? {
    switch (layers, samples) {
    case (1, 1): 19
    case (1, 5): 22
    case (1, 50): 25
    case (2, 1): 21
    default: nil
    }
  }
}
