import LatentDatasets
import LatentEvaluation
import Foundation
import LatentTraining
import LatentVariationalAutoencoders

extension Experiment {
  /// Higgins et al. 2017 on sprites: what beta does to rate, distortion, and disentanglement.
  static let betaSprites = Experiment(
    "beta-sprites", "rate, distortion, and disentanglement at beta = 1, 2, 4, 8",
    paper: "Higgins et al. 2017; Kim & Mnih 2018",
    protocol: """
      20,000 sprites drawn from known factors, convolutions 32-32-64-64 and 256 dense units, ten latents, batch 64, Adam \
      5e-4, 30 epochs. Rate and distortion of the test split; FactorVAE score and mutual information gap of posterior means. \
      Runs are a tenth as long as the published ones, and one seed of them shows what beta does to rate and distortion, but \
      not which beta disentangles best: give --seeds for that.
      """
  ) { context in
    try [1.0, 2, 4, 8].filter { context.wants("beta = \(Int($0))") }.flatMap { beta in
      var configuration = try Preset.named("vae-conv64").configuration
      configuration.objective = .elbo(beta: .constant(beta))
      configuration.epochs = 30
      let test = try context.dataset("sprites")
      let start = Date()
      var figures: [[Double]] = []
      for seed in context.seeds {
        let trained = try context.train(configuration, seed: seed, "beta = \(Int(beta))")
        let bound = try Evaluator(trained, seed: seed).bound(test.test ?? test.train)
        let source = try EncodedFactors.sprites(trained, data: configuration.data)
        let codes = try source.labelledCodes(count: 10_000, seed: seed, stream: "gap")
        figures.append([
          bound.rate, bound.distortion, try Disentanglement.factorVAEScore(of: source, seed: seed),
          try Disentanglement.mutualInformationGap(codes),
        ])
      }
      let seconds = -start.timeIntervalSinceNow
      return ["rate", "distortion", "FactorVAE score", "MIG"].enumerated().map { index, name in
        ReproductionRow(
          "\(name), beta = \(Int(beta))", values: figures.map { $0[index] }, seconds: index == 0 ? seconds : 0)
      }
    }
  }
}
