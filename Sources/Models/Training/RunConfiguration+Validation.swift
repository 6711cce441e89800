import LatentDatasets
import LatentDiagnostics
import LatentVariationalAutoencoders

extension RunConfiguration {
  /// Refuses a configuration that cannot be trained on the examples, before anything runs.
  ///
  /// - Returns: a warning, if the combination is possible but seldom meant.
  /// - Throws: `LatentError` with the reason and the setting to change.
  public func validate(for examples: Examples) throws -> String? {
    try checkRanges()
    guard batchSize <= examples.count else {
      throw LatentError.usage(
        "A batch of \(batchSize) is larger than the \(examples.count) training examples",
        remedy: "Give --batch-size \(examples.count) or less")
    }
    if schedule.kind == .plateau, data.validation == 0 {
      throw LatentError.usage(
        "The plateau schedule watches validation examples, of which there are none",
        remedy: "Hold some out with --validation N, or use another schedule.kind")
    }
    if patience > 0, data.validation == 0 {
      throw LatentError.usage(
        "Stopping early after \(patience) epochs needs held-out examples",
        remedy: "Hold some out with --validation N, or set patience=0")
    }
    try model.validate(exampleShape: examples.shape, objective: objective)
    try validateSecondStage()
    if !isSecondStage, model.prior.traits.isSuperset(of: [.choices, .learned]),
      model.encoder.posterior.traits.contains(.choices),
      !model.encoder.posterior.traits.contains(.densityAnywhere)
    {
      throw LatentError.usage(
        "A \(model.prior.kind) prior knows the probability of choices, which draws between them have not",
        remedy: "Set model.prior.kind=uniformChoices and learn the prior afterwards with --autoencoder RUN, or set "
          + "model.encoder.posterior.draws=discrete")
    }
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
    if data.dequantization != .none, !model.decoder.likelihood.traits.contains(.density) {
      throw LatentError.usage(
        "A \(model.decoder.likelihood.kind) likelihood is about levels, which are not dequantised",
        remedy: "Give no --dequantize, or set model.decoder.likelihood.kind=normal")
    }
    let warning = try likelihoodWarning(for: examples)
    try data.check(examples)
    return warning
  }

  /// What the likelihood says of the values of examples, if they are possible but seldom meant.
  ///
  /// - Throws: `LatentError` for values that it is not about.
  package func likelihoodWarning(for examples: Examples) throws -> String? {
    let isBinarized = data.binarization != .none
    let survey = ValueSurvey(
      range: examples.range, isBinary: examples.isBinary || isBinarized, isWhole: examples.isWhole || isBinarized)
    return try model.decoder.likelihood.check(survey, inBound: objective.hasBound)
  }

  /// Refuses numbers that no run can have, whatever its data: a file that was edited may hold any.
  ///
  /// - Throws: `LatentError` that names the setting.
  func checkRanges() throws {
    guard (1...Int(Int32.max)).contains(batchSize) else {
      throw LatentError.usage("A batch cannot have \(batchSize) examples", remedy: "Give --batch-size 1 or more")
    }
    guard (1...Self.mostEpochs).contains(epochs) else {
      throw LatentError.usage(
        "A run cannot have \(epochs) epochs", remedy: "Give --epochs from 1 to \(Self.mostEpochs)")
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
    let whole: [(String, Int, ClosedRange<Int>)] = [
      ("schedule.interval", schedule.interval, 1...Self.mostEpochs),
      ("schedule.warmupSteps", schedule.warmupSteps, 0...Self.mostSteps),
      ("patience", patience, 0...Self.mostEpochs), ("data.limit", data.limit, 0...Int.max),
      ("data.validation", data.validation, 0...Int.max),
    ]
    for (name, value, range) in whole where !range.contains(value) {
      let bounds =
        range.upperBound == .max ? "\(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
      throw LatentError.usage("\(name) is \(value)", remedy: "Set it to a whole number \(bounds)")
    }
    try lagging.validate()
    let shape = data.exampleShape
    let size = shape.reduce((1, false)) { product, next in
      let (result, overflow) = product.0.multipliedReportingOverflow(by: next)
      return (result, product.1 || overflow || next < 1)
    }
    guard shape.count <= 3, !size.1, size.0 <= Self.mostDimensions else {
      throw LatentError.usage(
        "data.exampleShape is \(shape), which examples cannot have",
        remedy: "Set it to the shape of one example, such as [28, 28, 1]")
    }
  }

  /// The most steps that a schedule can speak of, and numbers that an example can have.
  private static let (mostSteps, mostDimensions) = (1 << 40, 1 << 28)

  private func check(_ name: String, _ value: Double, isGood: Bool, _ expectation: String) throws {
    guard value.isFinite, isGood else {
      throw LatentError.usage("\(name) is \(value), which makes no sense", remedy: "Set it to a number \(expectation)")
    }
  }
}
