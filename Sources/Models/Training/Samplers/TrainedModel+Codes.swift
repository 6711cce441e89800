import LatentDatasets
import LatentEvaluation
import LatentExecution
import LatentTensorGraph

extension TrainedModel {
  /// The codes of examples that samplers are fitted to, one row for each example.
  ///
  /// One draw from each posterior, because draws are what the decoder was trained on: their distribution over all examples
  /// is the one that the prior only approximates, while the means alone are too narrow and leave out latents that are noise.
  /// The draw of a deterministic autoencoder is its code. Of a model with several layers of latents these are the posterior
  /// means of the first layer.
  ///
  /// - Parameter seed: the same seed gives the same codes.
  /// - Throws: `LatentError` for a model without latents, and when the device fails.
  public func codes(of examples: Examples, seed: UInt64) throws -> CodeMatrix {
    try requireLatents()
    let model = model
    let runner = BatchRunner(self, shape: model.exampleShape) { batch, condition in
      let posterior = model.posterior(batch, condition: condition, mode: .inference)
      return [posterior?.sample(count: nil) ?? model.posteriorMean(batch, condition: condition)]
    }
    let seed = derivedSeed(seed, "codes for samplers")
    var values: [Float] = []
    values.reserveCapacity(examples.count * model.latents)
    for range in examples.chunks(of: 500) {
      let outputs = try runner.run(examples, range, RandomState(seed: seed, step: UInt64(range.lowerBound)))
      values += outputs[0].floats
    }
    return CodeMatrix(values, width: model.latents)
  }
}
