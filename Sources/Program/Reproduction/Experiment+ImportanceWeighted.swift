import LatentEvaluation
import Foundation
import LatentOptimizers
import LatentTraining
import LatentVariationalAutoencoders

extension Experiment {
  /// Burda et al. 2015, table 1: VAE and IWAE on dynamically binarised MNIST.
  static let importanceWeightedTable = Experiment(
    "iwae-table1", "VAE and IWAE with one and two layers of latents on MNIST", paper: "Burda et al. 2015, table 1",
    protocol: """
      Dynamically binarised MNIST, 784-200-200-50 tanh, two layers 784-200-200-100-100-100-50; Muon from 0.012 to 0 along a \
      cosine, batch 1000, 300 epochs, where the paper takes 3280 of batch 20 with Adam in eight stages; k = 50 begins with \
      the weights of k = 5 and goes through 60 epochs from 0.006. The row "Adam" is the control: the same cosine, batches, and \
      epochs as the first row with Adam, whose rate was chosen, as Muon's, on 10,000 held-out training examples. Negative \
      log-likelihood of the test set by importance samples; a latent is active when the variance of its posterior mean, \
      integrated over the other layer, is above 0.01.
      """
  ) { context in
    let test = try context.binarizedTest("mnist")
    var likelihoods: [ExampleFigures] = []
    let rows = try ImportanceWeightedModel.all.filter { context.wants($0.name) }.flatMap { model in
      let start = Date()
      var values: [[Double]] = []
      var active: [Double] = []
      for seed in context.seeds {
        let evaluator = Evaluator(try model.train(context, seed: seed), seed: seed)
        values.append(try evaluator.negativeLogLikelihood(test, samples: context.samples).values)
        let counts = try evaluator.activeUnits(test).map(\.count)
        active.append(Double(counts.reduce(0, +)))
      }
      let likelihood = ExampleFigures(model.name, published: model.published?.nll, seeds: values)
      likelihoods.append(likelihood)
      return [
        likelihood.row("nll", seconds: -start.timeIntervalSinceNow),
        ReproductionRow(
          "active latents, \(model.name)", published: model.published?.active, values: active, seconds: 0),
      ]
    }
    return rows + likelihoods.differences("nll", from: ImportanceWeightedModel.oneLayer.name)
  }
}

/// A row of the table, and how its model is trained.
private struct ImportanceWeightedModel {
  let preset: String
  let name: String
  let objective: Objective
  let published: (nll: Double, active: Double)?
  var epochs = 300
  var learningRate = 0.012
  var rule = UpdateRule.muon

  static let oneLayer = ImportanceWeightedModel(
    preset: "iwae", name: "VAE k = 1, one layer", objective: .elbo(), published: (86.76, 19))
  /// The first row with Adam in place of Muon, and all else the same: what of the first row is Muon's.
  static let adam = ImportanceWeightedModel(
    preset: "iwae", name: "VAE k = 1, one layer, Adam", objective: .elbo(), published: nil, learningRate: 0.008,
    rule: .adam)
  static let fiveSamples = ImportanceWeightedModel(
    preset: "iwae", name: "IWAE k = 5, one layer", objective: .importanceWeighted(5), published: (85.54, 22))
  static let fiftySamples = ImportanceWeightedModel(
    preset: "iwae", name: "IWAE k = 50, one layer", objective: .importanceWeighted(50), published: (84.78, 25),
    epochs: 60, learningRate: 0.006)
  static let twoLayers = ImportanceWeightedModel(
    preset: "hierarchical", name: "VAE k = 1, two layers", objective: .elbo(), published: (85.33, 21))
  static let all = [oneLayer, adam, fiveSamples, fiftySamples, twoLayers]

  /// An epoch of fifty samples takes as long as ten of five: most of the way is gone with these.
  private var origin: ImportanceWeightedModel? {
    objective.importanceSamples == 50 ? Self.fiveSamples : nil
  }

  func train(_ context: ExperimentContext, seed: UInt64) throws -> TrainedModel {
    var configuration = try Preset.named(preset).configuration
    configuration.objective = objective
    configuration.useMuon(learningRate: learningRate, epochs: epochs)
    if rule == .adam { configuration.optimizer = .adam(learningRate: learningRate) }
    let begun = try origin?.train(context, seed: seed)
    return try context.train(configuration, seed: seed, name, startingFrom: begun)
  }
}
