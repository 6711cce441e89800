import Foundation
import LatentDiagnostics
import LatentDistributions
import LatentFileFormats
import LatentTensorGraph
import LatentVariationalAutoencoders

/// A half of a trained model, which can be taken away and run elsewhere.
public enum ModelPart: String, Hashable, Sendable, CaseIterable {
  /// From examples `x` to the means of their posteriors; of Normals in one layer to their log-variances too.
  case encoder
  /// From latents `z` to the means of their likelihoods.
  case decoder
}

extension TrainedModel {
  /// A part as a program of its own, whose outputs have names.
  public struct PartProgram {
    /// The computation: inputs `x` [N, ...] or `z` [N, latents], and `condition` [N, K] where the part has one.
    public let program: Program
    /// What its outputs are called, in order.
    public let outputs: [String]
  }

  /// A part of the model for a number of examples; its reads of variables see running averages, where there are any.
  ///
  /// - Throws: `LatentError` for a model without latents, which has no such parts.
  public func program(_ part: ModelPart, batchSize: Int) throws -> PartProgram {
    try requireLatents()
    let graph = graph()
    graph.spellsOutAttention = true
    let model = self.model
    let condition = model.specification.condition
    func given() -> Tensor? {
      condition.isOn ? graph.input("condition", shape: [batchSize, condition.size]) : nil
    }
    switch part {
    case .encoder:
      let x = graph.input("x", shape: Shape([batchSize] + model.exampleShape))
      let given = condition.encoder ? given() : nil
      if model.specification.hasNormalPosterior,
        let posterior = model.posterior(x, condition: given, mode: .inference) as? DiagonalNormal
      {
        return PartProgram(
          program: Program(graph: graph, outputs: [posterior.mean, posterior.logVariance], assignments: []),
          outputs: ["mean", "log_variance"])
      }
      return PartProgram(
        program: Program(graph: graph, outputs: [model.posteriorMean(x, condition: given)], assignments: []),
        outputs: ["mean"])
    case .decoder:
      let z = graph.input("z", shape: [batchSize, model.latents])
      let mean = model.likelihood(z, condition: given(), mode: .inference).mean
      return PartProgram(
        program: Program(
          graph: graph, outputs: [mean.reshape(Shape([batchSize] + model.exampleShape))], assignments: []),
        outputs: ["mean"])
    }
  }

  /// The weights that a part reads, by the names of the model's variables; of running averages, where there are any.
  func weights(_ part: ModelPart) throws -> [(name: String, array: NumericArray)] {
    let originals = Dictionary(averages.map { ($1, $0) }) { first, _ in first }
    return try program(part, batchSize: 1).program.variables.map { variable in
      let value = try store.value(of: variable)
      let array = try NumericArray(
        shape: variable.shape.dimensions, type: variable.type.dataType, bytes: Data(value.bytes))
      return ((originals[variable] ?? variable).name, array)
    }
  }
}
