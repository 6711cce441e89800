import Datasets
import Layers
import Optimizers
import VariationalAutoencoders

extension DecodingError {
  /// What a setting that is one of a few words can be, or `nil` for other settings.
  static func choices(_ key: String) -> String? {
    func list<Choice: CaseIterable & RawRepresentable<String>>(_ type: Choice.Type) -> String {
      "It can be " + type.allCases.map(\.rawValue).joined(separator: ", ")
    }
    if key.hasSuffix("activation") || key.hasSuffix("meanActivation") { return list(Activation.self) }
    return switch key {
    case "data.binarization": list(Binarization.self)
    case "model.prior.kind": list(Prior.Kind.self)
    case "model.encoder.posterior": list(Posterior.self)
    case "model.encoder.network.architecture", "model.decoder.network.architecture": list(Network.Architecture.self)
    case "model.decoder.likelihood.kind": list(Likelihood.Kind.self)
    case "model.decoder.likelihood.variance": list(Likelihood.Variance.self)
    case "objective.kind": list(Objective.Kind.self)
    case "objective.estimator": list(Objective.Estimator.self)
    case "optimizer.rule": list(UpdateRule.self)
    case "precision": list(Precision.self)
    case "schedule.kind": list(LearningRateSchedule.Kind.self)
    default: nil
    }
  }
}
