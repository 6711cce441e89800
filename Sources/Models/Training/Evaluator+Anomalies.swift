import LatentDatasets
import LatentEvaluation

extension Evaluator {
  /// How unlike what the model was trained on each example is, in nats: its negative log-likelihood by importance samples; of a model
  /// that was trained without a bound, its distortion.
  ///
  /// `AnomalyScores` sets them against those of examples that the model has not seen.
  public func anomalyScores(_ examples: Examples, samples: Int) throws -> [Double] {
    guard trained.objective.hasBound else { return try bound(examples).values.map { -$0 } }
    return try negativeLogLikelihood(examples, samples: samples).values
  }
}
