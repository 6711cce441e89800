import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

extension Evaluator {
  /// Examples with numbers in the place of missing values: the mean of these given those that are known, by self-normalised
  /// importance sampling.
  ///
  /// Latents are drawn from q(z|x), weighed by p(x, z) / q(z|x) of the known values, and the likelihoods' means averaged with these
  /// weights (Rezende et al. 2014, appendix F; Mattei & Frellsen 2019, "MIWAE", equation 9). One-hot columns get probabilities.
  ///
  /// - Parameter samples: latents drawn for each example; 1 is a single latent's mean.
  /// - Returns: the examples' values, those that are known as they are.
  /// - Throws: `LatentError` for examples without missing values, or a model that was not trained for them.
  public func imputedMeans(_ examples: Examples, samples: Int = 100) throws -> [Float] {
    try imputed(examples, samples: samples) { model, z, logWeights, condition in
      let weights = logWeights.softmax(0)
      let means = model.likelihood(z, condition: condition, mode: .inference).mean
      return (means * weights.expandingDimension(2)).sum([0]).expandingDimension(0)
    }
  }

  /// Several completions of examples, each a draw of the missing values given those that are known: a latent is drawn by its weight,
  /// and values from its likelihood (Rubin 1987, "sampling importance resampling").
  ///
  /// What is computed from each completion, and then averaged, has the uncertainty of what is missing in its spread.
  ///
  /// - Parameter draws: how many completions.
  /// - Returns: the values of one completion after another.
  /// - Throws: The same as `imputedMeans`.
  public func imputations(_ examples: Examples, draws: Int, samples: Int = 100) throws -> [Float] {
    guard draws >= 1 else {
      throw LatentError.usage("\(draws) completions cannot be drawn", remedy: "Ask for 1 or more")
    }
    return try imputed(examples, samples: samples) { model, z, logWeights, condition in
      let values = model.likelihood(z, condition: condition, mode: .inference).sample(count: nil)
      let graph = z.graph
      let completions = (0..<draws).map { _ -> Tensor in
        // The largest of logarithms with Gumbel noise is one of them by its weight (Gumbel 1954).
        let uniform = graph.random(.uniform, shape: logWeights.shape).maximum(1e-20)
        let chosen = (logWeights - (-uniform.log()).log()).argumentMaximum(0)
        let isChosen = chosen.oneHot(samples, type: .float32).transpose([1, 0])
        return (values * isChosen.expandingDimension(2)).sum([0]).expandingDimension(0)
      }
      return Tensor.concatenate(completions, dimension: 0)
    }
  }

  /// Completions [M, B, D] of each batch, with known values in their places.
  private func imputed(
    _ examples: Examples, samples: Int,
    _ complete: @escaping (Model, _ z: Tensor, _ logWeights: Tensor, _ condition: Tensor?) -> Tensor
  ) throws -> [Float] {
    let model = trained.model
    guard samples >= 1 else {
      throw LatentError.usage("Imputation needs at least one latent", remedy: "Give --samples 1 or more")
    }
    guard model.specification.missingValues, trained.objective.hasBound else {
      throw LatentError.usage(
        "The model was not trained on data with missing values",
        remedy: "Train it with --missing, or the preset vae-table")
    }
    guard examples.hasMissing else {
      throw LatentError.usage("Nothing is missing from the examples", remedy: "Give data with empty cells, or NaN")
    }
    guard !model.specification.isDrawn, model.specification.hasLatents else {
      throw LatentError.usage(
        "A likelihood that goes through values in order does not complete them",
        remedy: "Use `latent sample --complete`")
    }
    let runner = BatchRunner(trained, shape: model.exampleShape) { batch, condition in
      let (z, logWeights) = model.importanceDraws(batch, condition: condition, samples: samples, mode: .inference)
      let completions = complete(model, z, logWeights, condition)
      let x = batch.flattened().expandingDimension(0).broadcast(to: completions.shape)
      return [x.isFinite().select(x, completions)]
    }
    let size = examples.dimensions
    var parts: [[Float]] = []
    for (step, range) in examples.chunks(of: max(1, Self.latentsAtOnce / samples)).enumerated() {
      let rows = try runner.run(examples, range, RandomState(seed: seed, step: UInt64(step)))[0].floats
      let count = rows.count / (range.count * size)
      if parts.isEmpty { parts = [[Float]](repeating: [], count: count) }
      for place in 0..<count {
        parts[place] += rows[(place * range.count * size)..<((place + 1) * range.count * size)]
      }
    }
    return parts.flatMap { $0 }
  }
}
