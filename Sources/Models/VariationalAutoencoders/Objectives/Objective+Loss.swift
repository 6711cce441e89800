import LatentDifferentiation
import LatentDistributions
import Foundation
import LatentLayers
import LatentTensorGraph

extension Objective {
  /// What a training step on a batch computes and minimises.
  ///
  /// - Parameters:
  ///   - examples: how many examples the training set has.
  public func loss(
    _ model: Model, _ batch: ExampleBatch, _ variables: ObjectiveVariables, _ schedule: ObjectiveSchedule, examples: Int
  ) -> TrainingLoss {
    let graph = batch.examples.graph
    return graph.scope("objective") {
      let input =
        corruption.kind == .none
        ? nil : corruption(batch.examples, level: schedule(self, \.corruption.level, in: graph))
      let draw = model.draw(
        batch.examples, input: input, condition: batch.condition, samples: drawCount, mode: .training,
        rateWeight: hasBound ? schedule(self, \.beta, in: graph) : graph.constant(0))
      // A score-function estimate must not also go through the draw.
      let z = isScoreFunction ? draw.z.stopGradient() : draw.z
      let logLikelihood = model.logLikelihood(batch.examples, z, condition: batch.condition, mode: .training)
      let terms = boundTerms(draw, logLikelihood)
      let pieces = Pieces(
        objective: self, model: model, batch: batch, variables: variables, schedule: schedule, draw: draw, z: z,
        logLikelihood: logLikelihood, terms: terms)
      let context = ObjectiveTermContext(
        model: model, batch: batch, posterior: draw.posterior,
        z: z.slice(0, 0..<1).reshape([batch.count, model.latents]), examples: examples, schedule: schedule)
      let additions = variables.terms.flatMap { $0.addends(context) }.reduce(graph.constant(0), +)
      let bound = pieces.bound().map { (loss: $0.loss + additions, variables: $0.variables) }
      let own = variables.terms.compactMap { term in term.ownLoss(context).map { (loss: $0, variables: term.variables) }
      }
      return TrainingLoss(terms: terms, objective: -bound[bound.count - 1].loss, losses: bound + own)
    }
  }
}

/// The parts from which losses are put together.
private struct Pieces {
  let objective: Objective
  let model: Model
  let batch: ExampleBatch
  let variables: ObjectiveVariables
  let schedule: ObjectiveSchedule
  let draw: LatentDraw
  let z: Tensor
  let logLikelihood: Tensor
  let terms: BoundTerms

  /// The losses of the bound; the last one is that whose value is reported.
  func bound() -> [(loss: Tensor, variables: [Variable])] {
    let all = model.variables
    switch objective.kind {
    case .reconstruction: return [(terms.distortion.mean(), all)]
    case .evidenceLowerBound:
      switch objective.gradient {
      case .pathwise: return [(terms.distortion.mean() + weightedRate(draw.rates(objective.estimator)), all)]
      case .doublyReparameterized:
        return split(encoder: -logWeights(logPosterior: detachedLogPosterior).mean(), rest: -logWeights().mean())
      case .scoreFunction, .scoreFunctionWithBaseline: return scoreFunction()
      }
    case .importanceWeighted:
      guard objective.gradient == .doublyReparameterized else { return [(-importanceWeighted(logWeights()), all)] }
      return split(encoder: doublyReparameterized(), rest: -importanceWeighted(logWeights()))
    case .partiallyImportanceWeighted:
      let encoder =
        objective.gradient == .doublyReparameterized ? doublyReparameterized() : -importanceWeighted(logWeights())
      return split(encoder: encoder, rest: -importanceWeighted(logWeights(), groups: 1))
    case .combinedImportanceWeighted:
      let share = schedule(objective, \.combination, in: z.graph)
      let weights = logWeights()
      return [(-(weights.mean() * share + importanceWeighted(weights) * (1 - share)), all)]
    }
  }

  /// One loss for what infers latents, another for what generates examples, whose value is reported.
  private func split(encoder: Tensor, rest: Tensor) -> [(loss: Tensor, variables: [Variable])] {
    [(encoder, model.inferenceVariables), (rest, model.generativeVariables)]
  }

  // MARK: The evidence lower bound

  /// What the rate costs: beta times it, or what free bits or a capacity make of it.
  private func weightedRate(_ rates: [(elements: Tensor?, total: Tensor)]) -> Tensor {
    let total = rates.dropFirst().reduce(rates[0].total) { $0 + $1.total }
    if objective.capacity.weight.isOn {
      let difference = total.mean() - schedule(objective, \.capacity.nats, in: z.graph)
      return difference.absoluteValue() * schedule(objective, \.capacity.weight, in: z.graph)
    }
    var cost = total.mean()
    if objective.freeBits.nats.isOn {
      let free = schedule(objective, \.freeBits.nats, in: z.graph)
      cost = objective.freeBits.cost(rates, nats: free) ?? cost
    }
    return cost * beta
  }

  private var beta: Tensor { schedule(objective, \.beta, in: z.graph) }

  /// log p(x|z) + beta (log p(z) - log q(z|x)), [S, B].
  private func logWeights(logPosterior: Tensor? = nil) -> Tensor {
    let rate = (logPosterior ?? draw.logPosterior) - draw.logPrior
    return logLikelihood - rate * beta
  }

  /// The density of the draws under a posterior whose parameters are constants.
  private var detachedLogPosterior: Tensor {
    draw.posterior?.detached?.logProbability(draw.z) ?? draw.logPosterior
  }

  /// The gradient of E f is E (f - b) d log q: the likelihood and the prior get theirs, the encoder the score's.
  private func scoreFunction() -> [(loss: Tensor, variables: [Variable])] {
    let posterior = draw.posterior
    let score = posterior?.logProbability(z) ?? draw.logPosterior
    let prior = model.prior(
      count: batch.count, condition: batch.condition, mode: .training, in: z.graph
    ).logProbability(z)
    let bound = logLikelihood + (prior - score) * beta
    var signal = bound.stopGradient()
    if let baseline = variables.baseline, let scale = variables.scale {
      let graph = z.graph
      let (mean, square) = (graph.read(baseline), graph.read(scale))
      let centred = signal - mean
      graph.update(baseline, to: mean * 0.9 + signal.mean() * 0.1)
      graph.update(scale, to: square * 0.9 + centred.squared().mean() * 0.1)
      // Unit variance at most: a signal that is smaller is not blown up (Mnih & Gregor 2014, section 2.3).
      signal = centred / square.squareRoot().maximum(1)
    }
    // The score's own expectation is zero, so that the rate's derivative through log q needs no term of its own. A prior made
    // of posteriors depends on the encoder too.
    return split(encoder: -(signal * score + prior * beta).mean(), rest: -bound.mean())
  }

  // MARK: Importance weights

  /// The mean over groups and examples of log mean_k w, for weights [groups * k, B].
  private func importanceWeighted(_ logWeights: Tensor, groups: Int? = nil) -> Tensor {
    let groups = groups ?? objective.samples
    let count = logWeights.shape[0] / groups
    return (logWeights.reshape([groups, count, batch.count]).logSumExp([1]) - Foundation.log(Double(count))).mean()
  }

  /// A loss whose gradient with respect to the encoder is - sum_k c_k d log w_k / dz dz/dphi with
  /// c_k = (1 - beta) v_k + beta v_k^2, where v are the normalised weights.
  ///
  /// The path through a draw has the coefficient v_k. The score of log q, which has -beta v_k, becomes a path too (Tucker et
  /// al. 2019, equation 8): -beta E v_k d log q(z_k) = -beta E (v_k - v_k^2) d log w_k / dz dz/dphi. At beta = 1 the sum is
  /// their equation 9.
  private func doublyReparameterized() -> Tensor {
    let groups = objective.samples
    let path = logWeights(logPosterior: detachedLogPosterior)
    let grouped = path.reshape([groups, path.shape[0] / groups, batch.count])
    let normalized = (grouped - grouped.logSumExp([1], keepingDimensions: true)).exp().stopGradient()
    var coefficients = normalized.squared()
    if objective.beta != .constant(1) { coefficients = normalized * (1 - beta) + coefficients * beta }
    return -(coefficients * grouped).sum([1]).mean()
  }
}

extension LatentDraw {
  /// For each layer its rates [B, D] of each dimension, where they are known, and their sums [B].
  fileprivate func rates(_ estimator: Objective.Estimator) -> [(elements: Tensor?, total: Tensor)] {
    layers.map { ($0.elementRates(estimator), $0.rate(estimator)) }
  }
}
