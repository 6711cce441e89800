import LatentDiagnostics
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
        rateWeight: hasBound ? schedule(self, \.beta, in: graph) : graph.constant(0),
        temperature: schedule(self, \.temperature, in: graph))
      // A score-function estimate must not also go through the draw.
      let z = isScoreFunction ? draw.z.stopGradient() : draw.z
      let logLikelihood = model.logLikelihood(batch.examples, z, condition: batch.condition, mode: .training)
      let terms = boundTerms(draw, logLikelihood)
      let boundContext = BoundContext(
        objective: self, model: model, batch: batch, z: z, logLikelihood: logLikelihood, terms: terms,
        variables: variables, schedule: schedule, draw: draw)
      let context = ObjectiveTermContext(
        model: model, batch: batch, posterior: draw.posterior,
        z: z.slice(0, 0..<1).reshape([batch.count, model.latents]), examples: examples, schedule: schedule)
      let codes = draw.posterior as? CodeDistribution
      let codeLoss = codes.map { [$0.loss.mean()] } ?? []
      let additions = (codeLoss + variables.terms.flatMap { $0.addends(context) }).reduce(graph.constant(0), +)
      let minimized = bound.losses(boundContext)
      require(!minimized.isEmpty, "the bound \(bound.kind) minimises nothing")
      let losses = minimized.map { (loss: $0.loss + additions, variables: $0.variables) }
      let own = variables.terms.compactMap { term in term.ownLoss(context).map { (loss: $0, variables: term.variables) }
      }
      return TrainingLoss(
        terms: terms, objective: -losses[losses.count - 1].loss, codes: codes?.codes, losses: losses + own)
    }
  }
}
