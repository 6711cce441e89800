import Foundation
import LatentTraining
import LatentVariationalAutoencoders

extension Experiment {
  /// Jang et al. 2016: choices as latents, by relaxed draws and by scores.
  static let choices = Experiment(
    "gumbel", "zeros and ones and categories as latents, by relaxed draws and by scores",
    paper: "Jang et al. 2016, table 1",
    protocol: """
      Dynamically binarised MNIST, 784-512-256 rectified units on either side of 20 choices among 10 categories or of 200 zeros and \
      ones, uniform prior, batch 100, Adam from 1e-3 to 0 along a cosine, 60 epochs, temperature from 1 to 0.5 over the first 30. \
      Negative bound of the test set, of choices and not of relaxed draws; that of VIMCO, which maximises the bound of five \
      samples, is that of one here. (The paper has one layer of 200, fixed binarisation, and a temperature that anneals with the \
      step.)
      """
  ) { context in
    try models(
      [
        ("categorical, relaxed", "gumbel", [:], 101.5),
        ("categorical, straight through", "gumbel", ["model.encoder.posterior.draws": "straightThrough"], 107.8),
        ("categorical, score function", "gumbel", scores, 110.6),
        ("zeros and ones, relaxed", "gumbel-bernoulli", [:], 105.0),
        (
          "zeros and ones, straight through", "gumbel-bernoulli", ["model.encoder.posterior.draws": "straightThrough"],
          111.5
        ),
        ("zeros and ones, score function", "gumbel-bernoulli", scores, 112.2),
        ("zeros and ones, VIMCO", "vimco", [:], nil),
      ], "negative bound", context)
  }

  private static let scores = [
    "model.encoder.posterior.draws": "discrete", "objective.gradient": "scoreFunctionWithBaseline",
    "objective.estimator": "monteCarlo",
  ]

  /// Models without latents, whose likelihoods are exact.
  static let exactModels = Experiment(
    "autoregressive", "MADE, NADE, PixelCNN, and a transformer: exact likelihoods",
    paper: "Germain et al. 2015; van den Oord et al. 2016; figures of github.com/EugenHotaj/pytorch-generative",
    protocol: """
      Dynamically binarised MNIST, the presets made, nade, pixelcnn, and pixel-transformer as they are: Adam along a cosine to 0. \
      Exact negative log-likelihood of the test set, binarised once. The figures beside ours are those of 457 epochs (NADE: 50) of \
      other implementations; that of the transformer is of one over single pixels.
      """
  ) { context in
    try models(
      [
        ("MADE", "made", [:], 84.87), ("NADE", "nade", [:], 85.65), ("PixelCNN", "pixelcnn", [:], 81.50),
        ("transformer", "pixel-transformer", [:], 79.17),
      ], "nll", context)
  }

  /// Presets with some settings changed: the negative bound of the test set for every seed.
  private static func models(
    _ models: [(name: String, preset: String, settings: [String: String], published: Double?)], _ what: String,
    _ context: ExperimentContext
  ) throws -> [ReproductionRow] {
    try models.filter { context.wants($0.name) }.map { model in
      var configuration = try Preset.named(model.preset).configuration
      // In an order that refuses nothing on the way: each is one of its own axis.
      for (key, value) in model.settings.sorted(by: { $0.key < $1.key }) {
        configuration = try configuration.setting(key, to: value)
      }
      let test = try context.binarizedTest(configuration.data.name)
      let start = Date()
      let values = try context.seeds.map { seed in
        -(try Evaluator(context.train(configuration, seed: seed, model.name), seed: seed).bound(test).elbo)
      }
      return ReproductionRow(
        "\(what), \(model.name)", published: model.published, values: values, seconds: -start.timeIntervalSinceNow)
    }
  }
}
