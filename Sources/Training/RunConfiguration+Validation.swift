import Datasets
import Diagnostics
import VariationalAutoencoders

extension RunConfiguration {
  /// Refuses a configuration that cannot be trained on the examples, before anything runs.
  ///
  /// - Returns: a warning, if the combination is possible but seldom meant.
  /// - Throws: `LatentError` with the reason and the setting to change.
  public func validate(for examples: Examples) throws -> String? {
    guard batchSize >= 1 else {
      throw LatentError.usage("A batch cannot have \(batchSize) examples", remedy: "Give --batch-size 1 or more")
    }
    guard batchSize <= examples.count else {
      throw LatentError.usage(
        "A batch of \(batchSize) is larger than the \(examples.count) training examples",
        remedy: "Give --batch-size \(examples.count) or less")
    }
    guard epochs >= 1 else {
      throw LatentError.usage("A run cannot have \(epochs) epochs", remedy: "Give --epochs 1 or more")
    }
    try check("optimizer.learningRate", optimizer.learningRate, isGood: optimizer.learningRate > 0, "above 0")
    for (name, value) in [
      ("momentum", optimizer.momentum), ("beta1", optimizer.beta1), ("beta2", optimizer.beta2),
      ("averageDecay", optimizer.averageDecay),
    ] {
      try check("optimizer." + name, value, isGood: (0..<1).contains(value), "from 0 to below 1")
    }
    for (name, value) in [
      ("epsilon", optimizer.epsilon), ("weightDecay", optimizer.weightDecay), ("clipNorm", optimizer.clipNorm),
    ] {
      try check("optimizer." + name, value, isGood: value >= 0, "0 or more")
    }
    try check("schedule.factor", schedule.factor, isGood: schedule.factor > 0, "above 0")
    try check("schedule.interval", Double(schedule.interval), isGood: schedule.interval >= 1, "1 or more")
    if schedule.kind == .plateau, data.validation == 0 {
      throw LatentError.usage(
        "The plateau schedule watches validation examples, of which there are none",
        remedy: "Hold some out with --validation N, or use another schedule.kind")
    }
    if patience != 0 {
      guard patience > 0, data.validation > 0 else {
        throw LatentError.usage(
          "Stopping early after \(patience) epochs needs held-out examples and a positive number",
          remedy: "Hold some out with --validation N, or set patience=0")
      }
    }
    try lagging.validate()
    try model.validate(exampleShape: examples.shape, objective: objective)
    if lagging.maximumSteps > 0, !model.hasNormalPosterior || objective.gradient != .pathwise {
      throw LatentError.usage(
        "Aggressive training of the encoder watches the mutual information, which is known for diagonal Normals in one layer",
        remedy: "Set lagging.maximumSteps=0, or model.encoder.posterior.kind=diagonalNormal")
    }
    if examples.hasMissing, !model.missingValues {
      throw LatentError.usage(
        "Values are missing from the data", remedy: "Give --missing to leave them out of the likelihood")
    }
    if model.missingValues, data.binarization != .none {
      throw LatentError.usage(
        "Missing values cannot be binarised", remedy: "Give --binarize none, or data without missing values")
    }
    let isBinarized = data.binarization != .none
    let survey = ValueSurvey(
      range: examples.range, isBinary: examples.isBinary || isBinarized, isWhole: examples.isWhole || isBinarized)
    let warning = try model.decoder.likelihood.check(survey)
    if data.binarization != .none, examples.range.lowerBound < 0 || examples.range.upperBound > 1 {
      throw LatentError.usage(
        "Only values from 0 to 1 can be binarised, but the data go from \(examples.range.lowerBound) to "
          + "\(examples.range.upperBound)", remedy: "Give --binarize none")
    }
    return warning
  }

  private func check(_ name: String, _ value: Double, isGood: Bool, _ expectation: String) throws {
    guard value.isFinite, isGood else {
      throw LatentError.usage("\(name) is \(value), which makes no sense", remedy: "Set it to a number \(expectation)")
    }
  }
}
