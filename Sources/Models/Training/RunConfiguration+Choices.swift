import LatentDatasets
import LatentLayers
import LatentOptimizers
import LatentVariationalAutoencoders

extension DecodingError {
  /// What a setting that is one of a few words can be, or `nil` for other settings.
  static func choices(_ key: String) -> String? {
    func list<Choice: CaseIterable & RawRepresentable<String>>(_ type: Choice.Type) -> String {
      "It can be " + type.allCases.map(\.rawValue).joined(separator: ", ")
    }
    if key.hasSuffix("activation") || key.hasSuffix("meanActivation") { return list(Activation.self) }
    return switch key {
    case "data.binarization": list(Binarization.self)
    case "data.dequantization": list(Dequantization.self)
    case "model.encoder.network.unit", "model.decoder.network.unit": list(DenseUnit.self)
    case "model.hierarchy.inference": list(Hierarchy.Inference.self)
    case "model.condition.kind": list(Condition.Kind.self)
    case "model.decoder.likelihood.variance", "model.decoder.likelihood.output.variance":
      list(NormalLikelihood.Variance.self)
    case "model.decoder.likelihood.network.positions", "model.prior.network.positions":
      list(CausalTransformer.Positions.self)
    case "model.decoder.likelihood.levelKind", "model.decoder.likelihood.output.levelKind":
      list(CategoricalLikelihood.Levels.self)
    case "objective.estimator": list(Objective.Estimator.self)
    case "objective.gradient": list(Objective.Gradient.self)
    case "objective.freeBits.scope": list(FreeBits.Scope.self)
    case "objective.totalCorrelation.estimator": list(TotalCorrelation.Estimator.self)
    case "objective.covariance.kind": list(CovariancePenalty.Kind.self)
    case "objective.discrepancy.kernel": list(Discrepancy.Kernel.self)
    case "objective.corruption.kind": list(Corruption.Kind.self)
    case "optimizer.rule": list(UpdateRule.self)
    case "precision": list(Precision.self)
    case "schedule.kind": list(LearningRateSchedule.Kind.self)
    case let key where key.hasPrefix("objective.") && key.hasSuffix(".kind"): list(ScheduledValue.Kind.self)
    default: nil
    }
  }
}
