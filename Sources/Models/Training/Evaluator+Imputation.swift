import Foundation
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
    // Parts of the latents have a mean and a sum of weights each; parts are averaged by their sums.
    try imputed(examples, completions: 1, samples: samples) { model, z, logWeights, condition in
      let means = model.likelihood(z, condition: condition, mode: .inference).mean
      let weights = logWeights.softmax(0)
      return (
        (means * weights.expandingDimension(2)).sum([0]).expandingDimension(0),
        logWeights.logSumExp([0]).expandingDimension(0)
      )
    } combined: { whole, part, score in
      let sum = logSum(whole.score, score)
      let share = Foundation.exp(score - sum)
      for place in whole.values.indices { whole.values[place] += share * (Double(part[place]) - whole.values[place]) }
      whole.score = sum
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
    return try imputed(examples, completions: draws, samples: samples) { model, z, logWeights, condition in
      let likelihood = model.likelihood(z, condition: condition, mode: .inference)
      let completions = (0..<draws).map { _ -> (Tensor, Tensor) in
        // The largest of logarithms with Gumbel noise is one of them by its weight (Gumbel 1954).
        let uniform = z.graph.random(.uniform, shape: logWeights.shape).maximum(1e-20)
        let noisy = logWeights - (-uniform.log()).log()
        let isChosen = noisy.argumentMaximum(0).oneHot(z.shape[0], type: .float32).transpose([1, 0])
        let values = (likelihood.sample(count: nil) * isChosen.expandingDimension(2)).sum([0])
        return (values.expandingDimension(0), noisy.max([0]).expandingDimension(0))
      }
      return (
        Tensor.concatenate(completions.map(\.0), dimension: 0), Tensor.concatenate(completions.map(\.1), dimension: 0)
      )
    } combined: { whole, part, score in
      guard score > whole.score else { return }
      whole = (part.map(Double.init), score)
    }
  }

  /// An example's values so far, and what they are worth beside those of further latents.
  private typealias Completion = (values: [Double], score: Double)

  /// Latents that are decoded for an example at once, so that memory stays flat however many are asked for.
  private static let samplesAtOnce = 50

  /// Completions of all examples, one completion after another, with known values in their places.
  ///
  /// - Parameters:
  ///   - complete: completions [M, B, D] by some latents, and the score [M, B] of each.
  ///   - combined: takes those of further latents into an example's completion.
  private func imputed(
    _ examples: Examples, completions: Int, samples: Int,
    _ complete: @escaping (Model, _ z: Tensor, _ logWeights: Tensor, _ condition: Tensor?) -> (Tensor, Tensor),
    combined: (inout Completion, [Float], Double) -> Void
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
    func runner(_ count: Int) -> BatchRunner {
      BatchRunner(trained, shape: model.exampleShape) { batch, condition in
        let (z, logWeights) = model.importanceDraws(batch, condition: condition, samples: count, mode: .inference)
        let (values, scores) = complete(model, z, logWeights, condition)
        return [values, scores]
      }
    }
    let chunk = min(samples, Self.samplesAtOnce)
    let (whole, rest) = (runner(chunk), runner(max(1, samples % chunk)))
    let size = examples.dimensions
    var results = [[Float]](repeating: [], count: completions)
    var step: UInt64 = 0
    for range in examples.chunks(of: max(1, Self.latentsAtOnce / chunk / completions)) {
      let none: Completion = ([Double](repeating: 0, count: size), -.infinity)
      var filled = [Completion](repeating: none, count: completions * range.count)
      for first in stride(from: 0, to: samples, by: chunk) {
        let runner = samples - first >= chunk ? whole : rest
        let outputs = try runner.run(examples, range, RandomState(seed: seed, step: step))
        step += 1
        let (values, scores) = (outputs[0].floats, outputs[1].doubles)
        for place in filled.indices {
          combined(&filled[place], Array(values[(place * size)..<((place + 1) * size)]), scores[place])
        }
      }
      var known = [Float](repeating: 0, count: range.count * size)
      try known.withUnsafeMutableBufferPointer { try examples.copyRange(range, into: $0) }
      for completion in 0..<completions {
        for row in 0..<range.count {
          let values = filled[completion * range.count + row].values
          results[completion] += (0..<size).map { place in
            let value = known[row * size + place]
            return value.isNaN ? Float(values[place]) : value
          }
        }
      }
    }
    return results.flatMap { $0 }
  }
}

/// log(exp(a) + exp(b)).
private func logSum(_ a: Double, _ b: Double) -> Double {
  let top = max(a, b)
  return top == -.infinity ? top : top + Foundation.log(Foundation.exp(a - top) + Foundation.exp(b - top))
}
