import Foundation
import LatentDistributions
import LatentTensorGraph

/// What a bound is put together from: S draws for each of B examples.
public struct BoundContext {
  /// The objective whose bound it is.
  public let objective: Objective
  /// The model that is trained.
  public let model: Model
  /// The examples of the step.
  public let batch: ExampleBatch
  /// The draws of all that the decoder takes, [S, B, latents]; constants for a score function.
  public let z: Tensor
  /// log p(x|z), [S, B].
  public let logLikelihood: Tensor
  /// The parts of the evidence lower bound, [B] each.
  public let terms: BoundTerms
  let variables: ObjectiveVariables
  let schedule: ObjectiveSchedule
  let draw: LatentDraw

  /// The weight of the rate, a scalar.
  public var beta: Tensor { schedule(objective, \.beta, in: z.graph) }
  /// log p(z) of the draws, [S, B].
  public var logPrior: Tensor { draw.logPrior }
  /// log q(z|x) of the draws, [S, B].
  public var logPosterior: Tensor { draw.logPosterior }
  /// The logarithms of importance weights, log p(x|z) + beta (log p(z) - log q(z|x)): [S, B].
  public var logWeights: Tensor { logWeights(logPosterior: logPosterior) }

  /// A number of the bound as a scalar, whether it changes while a model trains or not.
  public func callAsFunction<Bound: BoundFamily>(_ bound: Bound, _ path: KeyPath<Bound, ScheduledValue>) -> Tensor {
    schedule(bound, path, in: z.graph)
  }

  /// One loss over all variables of the model.
  public func minimizing(_ loss: Tensor) -> [(loss: Tensor, variables: [Variable])] { [(loss, model.variables)] }

  /// One loss for what infers latents, another for what generates examples, whose value is reported.
  public func minimizing(
    encoder: Tensor, rest: Tensor
  ) -> [(loss: Tensor, variables: [Variable])] {
    [(encoder, model.inferenceVariables), (rest, model.generativeVariables)]
  }

  /// The mean over groups of draws and examples of the logarithm of a group's mean of numbers that are given by their
  /// logarithms, [groups * k, B].
  public func logMeanExp(_ logarithms: Tensor, groups: Int) -> Tensor {
    let count = logarithms.shape[0] / groups
    return (logarithms.reshape([groups, count, batch.count]).logSumExp([1]) - log(Double(count))).mean()
  }

  // MARK: Gradients

  func logWeights(logPosterior: Tensor) -> Tensor { logLikelihood - (logPosterior - draw.logPrior) * beta }

  /// The logarithms of importance weights whose gradient is that through the draw alone: the posterior's parameters are
  /// constants in its density.
  var pathLogWeights: Tensor {
    logWeights(logPosterior: draw.posterior?.detached?.logProbability(draw.z) ?? draw.logPosterior)
  }
}
