import LatentDiagnostics

extension VariationalAutoencoder {
  /// Refuses what cannot be built for examples of a shape, or makes no sense with the objective.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  public func validate(exampleShape: [Int], objective: Objective) throws {
    let whole = completed(exampleShape: exampleShape)
    guard whole == self else { return try whole.validate(exampleShape: exampleShape, objective: objective) }
    guard (1...65_536).contains(prior.dimensions) else {
      throw LatentError.usage(
        "A model cannot have \(prior.dimensions) latents", remedy: "Set model.prior.dimensions from 1 to 65536")
    }
    try encoder.network.validate("encoder", exampleShape: exampleShape)
    try decoder.network.validate("decoder", exampleShape: exampleShape)
    try decoder.likelihood.validate(exampleShape: exampleShape)
    try encoder.posterior.validate(in: self)
    try hierarchy.validate(encoder.posterior)
    try condition.validate()
    try objective.validate()
    try prior.validate(at: PriorSite(self, exampleShape: exampleShape))
    try validateCodes(exampleShape: exampleShape)
    try validateAbsence(objective)
    try validateMissingValues()
    try validateBound(objective)
    try validateGradient(objective)
    try validateAdditions(objective)
  }

  private func validateCodes(exampleShape: [Int]) throws {
    let kinds: [(PosteriorTraits, PriorTraits, prior: String, posterior: String)] = [
      (.codes, .codes, "uniformCodes", "quantized"), (.choices, .choices, "uniformChoices", "categorical"),
      (.nothing, .nothing, "none", "none"),
    ]
    // A prior may be about more than one kind.
    let isMet = kinds.contains { encoder.posterior.traits.contains($0.0) && prior.traits.contains($0.1) }
    for (mine, its, priorKind, posteriorKind) in kinds where !isMet {
      switch (encoder.posterior.traits.contains(mine), prior.traits.contains(its)) {
      case (true, false):
        throw LatentError.usage(
          "The divergence of a posterior of kind \(encoder.posterior.kind) from a prior of kind \(prior.kind) is infinite",
          remedy: "Set model.prior.kind=\(priorKind)")
      case (false, true):
        throw LatentError.usage(
          "A prior of kind \(prior.kind) is about what a posterior of kind \(encoder.posterior.kind) does not give",
          remedy: "Set model.encoder.posterior.kind=\(posteriorKind), or model.prior.kind=standardNormal")
      default: break
      }
    }
    try (encoder.posterior as? QuantizedPosterior)?.validate(grid: encoder.network.grid(exampleShape: exampleShape))
    for (part, network) in [("encoder", encoder.network as any NetworkFamily), ("decoder", decoder.network)] {
      let positions = network.positions(exampleShape: exampleShape)
      guard prior.dimensions % positions == 0 else {
        throw LatentError.usage(
          "\(prior.dimensions) latents cannot be spread over the \(positions) places of the \(part)'s grid",
          remedy: "Set model.prior.dimensions to a multiple of \(positions), or model.\(part).network.keepsGrid=false")
      }
    }
  }

  private func validateMissingValues() throws {
    guard missingValues, !decoder.likelihood.traits.contains(.independentDimensions) else { return }
    throw LatentError.usage(
      "A likelihood that couples the channels of a pixel cannot leave out missing values",
      remedy: "Set model.decoder.likelihood.kind=discretizedLogistic")
  }

  private func validateBound(_ objective: Objective) throws {
    if objective.hasBound, encoder.posterior.traits.contains(.point) {
      throw LatentError.usage(
        "A bound of the likelihood needs a posterior with a density, which a point has not",
        remedy: "Set objective.kind=reconstruction, or model.encoder.posterior.kind=diagonalNormal")
    }
    // No gradient flows through draws of codes, so that a discrepancy teaches their prior nothing either.
    let isTaught = objective.hasPrior && !prior.traits.contains(.codes)
    if !objective.hasBound, prior.traits.contains(.learned), !isTaught {
      throw LatentError.usage(
        "Reconstruction alone never sees the prior, so a \(prior.kind) prior would stay as it starts",
        remedy: "Set model.prior.kind=standardNormal, or objective.kind=evidenceLowerBound")
    }
  }

  private func validateGradient(_ objective: Objective) throws {
    let isSingle = hierarchy.layers.isEmpty
    try validateIndependence(objective)
    try validateChoices(objective)
    switch objective.gradient {
    case .pathwise: return
    case .doublyReparameterized:
      guard objective.bound.traits.contains(.pathDerivative), isSingle,
        encoder.posterior.traits.contains(.densityAnywhere),
        encoder.posterior.refinement == nil, !prior.traits.contains(.madeByEncoder)
      else {
        throw LatentError.usage(
          "The doubly reparameterised gradient needs one layer of latents, a Normal posterior without refinement, no "
            + "VampPrior, and a bound that knows it: evidenceLowerBound, importanceWeighted, or partiallyImportanceWeighted",
          remedy: "Set objective.gradient=pathwise")
      }
    case .leaveOneOut:
      guard objective.bound.traits.contains(.leaveOneOut), objective.importanceSamples > 1, isSingle,
        encoder.posterior.traits.contains(.densityAnywhere), encoder.posterior.refinement == nil
      else {
        throw LatentError.usage(
          "The gradient leaveOneOut needs one layer of latents whose density is known anywhere, without refinement, and several "
            + "importance weights", remedy: "Set objective.kind=importanceWeighted and objective.importanceSamples=5")
      }
    case .scoreFunction, .scoreFunctionWithBaseline:
      guard objective.bound.traits.contains(.scoreFunction), isSingle,
        encoder.posterior.traits.contains(.densityAnywhere),
        encoder.posterior.refinement == nil
      else {
        throw LatentError.usage(
          "The score-function gradient needs one layer of latents, a posterior of Normals or of discrete choices without "
            + "refinement, and the evidence lower bound", remedy: "Set objective.gradient=pathwise")
      }
    }
  }

  /// Refuses gradients that choices do not have.
  private func validateChoices(_ objective: Objective) throws {
    guard encoder.posterior.traits.contains(.choices) else { return }
    guard encoder.posterior.traits.contains(.densityAnywhere) else {
      guard objective.gradient == .pathwise, objective.estimator == .closedForm,
        !objective.bound.traits.contains(.importanceWeights)
      else {
        throw LatentError.usage(
          "Relaxed draws have the density of no choice, which importance weights, Monte Carlo rates, and score functions need",
          remedy: "Set objective.kind=evidenceLowerBound, .estimator=closedForm, and .gradient=pathwise, or "
            + "model.encoder.posterior.draws=discrete")
      }
      return
    }
    guard objective.isScoreFunction else {
      throw LatentError.usage(
        "No gradient flows through discrete draws",
        remedy:
          "Set objective.gradient=scoreFunctionWithBaseline, or leaveOneOut with objective.kind=importanceWeighted, or "
          + "model.encoder.posterior.draws=relaxed")
    }
  }

  /// Refuses gradients that take an example's weight for a function of its own draws where it is one of the whole batch's.
  private func validateIndependence(_ objective: Objective) throws {
    let isWeighted = objective.bound.traits.contains(.importanceWeights) && objective.gradient == .doublyReparameterized
    guard isWeighted || objective.isScoreFunction else { return }
    let needed =
      "The gradient \(objective.gradient.rawValue) needs examples whose likelihoods do not depend on each other's draws"
    guard !decoder.likelihood.traits.contains(.coupledExamples) else {
      throw LatentError.usage(
        needed + ", which the best variance of a batch makes them do",
        remedy: "Set model.decoder.likelihood.variance=scalar, or objective.gradient=pathwise")
    }
    guard !decoder.network.usesBatchStatistics else {
      throw LatentError.usage(
        needed + ", which batch normalisation in the decoder makes them do",
        remedy: "Set model.decoder.network.unit=plain, or objective.gradient=pathwise")
    }
  }

  private func validateAdditions(_ objective: Objective) throws {
    if encoder.posterior.refinement != nil, objective.freeBits.nats.isOn || objective.capacity.weight.isOn {
      throw LatentError.usage(
        "Refinement climbs each example's own bound, where free bits and a capacity are about the rate of a whole batch",
        remedy: "Set model.encoder.posterior.refinementSteps=0, or objective.freeBits.nats=0 and "
          + "objective.capacity.weight=0")
    }
    if objective.freeBits.nats.isOn, objective.freeBits.scope == .dimension, !hasLatentRates {
      let culprit =
        encoder.posterior.traits.contains(.diagonalNormal)
        ? "a prior of kind \(prior.kind)" : "a posterior of kind \(encoder.posterior.kind)"
      throw LatentError.usage(
        "Free bits for each dimension need a rate that is a sum over the dimensions, which \(culprit) does not give",
        remedy: "Set objective.freeBits.scope=group, or a diagonalNormal posterior and a standardNormal prior")
    }
    for term in objective.terms.on { try term.validate(objective, self) }
  }
}
