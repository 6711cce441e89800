import Diagnostics

extension VariationalAutoencoder {
  /// Refuses what cannot be built for examples of a shape, or makes no sense with the objective.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  public func validate(exampleShape: [Int], objective: Objective) throws {
    try prior.validate(topLatents: topLatents)
    try encoder.network.validate("encoder", exampleShape: exampleShape)
    try decoder.network.validate("decoder", exampleShape: exampleShape)
    try encoder.posterior.validate()
    try decoder.likelihood.validate()
    try hierarchy.validate(prior, encoder.posterior)
    try condition.validate()
    try objective.validate()
    try validatePrior()
    try validateChannels(exampleShape)
    try validateLikelihood(exampleShape)
    try validateBound(objective)
    try validateGradient(objective)
    try validateAdditions(objective)
  }

  private func validatePrior() throws {
    if prior.kind == .realNVP, topLatents < 2 {
      throw LatentError.usage(
        "A RealNVP prior splits the latents in two, of which there is only one",
        remedy: "Set model.prior.dimensions to 2 or more, or model.prior.kind=maskedAutoregressiveFlow")
    }
    guard prior.kind == .vampPrior else { return }
    guard encoder.posterior.kind == .diagonalNormal else {
      throw LatentError.usage(
        "A VampPrior is a mixture of diagonal Normals, but the posterior is a \(encoder.posterior.kind.rawValue)",
        remedy: "Set model.encoder.posterior.kind=diagonalNormal, or another model.prior.kind")
    }
    guard condition.kind == .none || !condition.encoder else {
      throw LatentError.usage(
        "A VampPrior's pseudo-inputs have no label for the encoder to see",
        remedy: "Set model.condition.encoder=false, or another model.prior.kind")
    }
  }

  private func validateChannels(_ exampleShape: [Int]) throws {
    let conditional: [Prior.Kind] = [.standardNormal, .realNVP, .maskedAutoregressiveFlow, .autoregressive]
    guard condition.kind == .none || !condition.prior || conditional.contains(prior.kind) else {
      throw LatentError.usage(
        "A prior of kind \(prior.kind.rawValue) cannot depend on a label",
        remedy: "Set model.condition.prior=false, or model.prior.kind=standardNormal")
    }
    if encoder.posterior.kind == .fullNormal, prior.dimensions > Prior.unrolledLimit {
      throw LatentError.usage(
        "A full covariance of \(prior.dimensions) latents is too large a matrix for every example",
        remedy:
          "Set model.prior.dimensions to \(Prior.unrolledLimit) or less, or model.encoder.posterior.kind=diagonalNormal"
      )
    }
  }

  private func validateLikelihood(_ exampleShape: [Int]) throws {
    guard !missingValues || decoder.likelihood.isFactorized else {
      throw LatentError.usage(
        "A likelihood that couples the channels of a pixel cannot leave out missing values",
        remedy: "Set model.decoder.likelihood.kind=discretizedLogistic")
    }
    guard decoder.likelihood.kind == .discretizedLogisticMixture else { return }
    guard exampleShape.count != 3 || [1, 3].contains(exampleShape[2]) else {
      throw LatentError.usage(
        "A mixture of discretised logistics is about grey or colour images, not \(exampleShape[2]) channels",
        remedy: "Set model.decoder.likelihood.kind=discretizedLogistic")
    }
  }

  private func validateBound(_ objective: Objective) throws {
    if objective.hasBound, encoder.posterior.kind == .point {
      throw LatentError.usage(
        "A bound of the likelihood needs a posterior with a density, which a point has not",
        remedy: "Set objective.kind=reconstruction, or model.encoder.posterior.kind=diagonalNormal")
    }
    if objective.hasBound == false, prior.kind != .standardNormal, objective.hasPrior == false {
      throw LatentError.usage(
        "Reconstruction alone never sees the prior, so a \(prior.kind.rawValue) prior would stay as it starts",
        remedy: "Set model.prior.kind=standardNormal, or objective.kind=evidenceLowerBound")
    }
  }

  private func validateGradient(_ objective: Objective) throws {
    let isSingle = hierarchy.layers.isEmpty
    try validateIndependence(objective)
    switch objective.gradient {
    case .pathwise: return
    case .doublyReparameterized:
      guard objective.hasBound, objective.kind != .combinedImportanceWeighted, isSingle, encoder.posterior.hasDensity,
        encoder.posterior.refinementSteps == 0, prior.kind != .vampPrior
      else {
        throw LatentError.usage(
          "The doubly reparameterised gradient needs one layer of latents, a Normal posterior without refinement, no "
            + "VampPrior, and the evidence lower bound or importance weights",
          remedy: "Set objective.gradient=pathwise")
      }
    case .scoreFunction, .scoreFunctionWithBaseline:
      guard objective.kind == .evidenceLowerBound, isSingle, encoder.posterior.hasDensity,
        encoder.posterior.refinementSteps == 0
      else {
        throw LatentError.usage(
          "The score-function gradient needs one layer of latents, a Normal posterior without refinement, and the "
            + "evidence lower bound", remedy: "Set objective.gradient=pathwise")
      }
    }
  }

  /// Refuses gradients that take an example's weight for a function of its own draws where it is one of the whole batch's.
  private func validateIndependence(_ objective: Objective) throws {
    let isWeighted = objective.kind != .evidenceLowerBound && objective.gradient == .doublyReparameterized
    guard isWeighted || objective.isScoreFunction else { return }
    let needed =
      "The gradient \(objective.gradient.rawValue) needs examples whose likelihoods do not depend on each other's draws"
    guard decoder.likelihood.kind != .normal || decoder.likelihood.variance != .optimal else {
      throw LatentError.usage(
        needed + ", which the best variance of a batch makes them do",
        remedy: "Set model.decoder.likelihood.variance=scalar, or objective.gradient=pathwise")
    }
    guard decoder.network.unit != .batchNormalized else {
      throw LatentError.usage(
        needed + ", which batch normalisation in the decoder makes them do",
        remedy: "Set model.decoder.network.unit=plain, or objective.gradient=pathwise")
    }
  }

  private func validateAdditions(_ objective: Objective) throws {
    if encoder.posterior.refinementSteps > 0, objective.freeBits.nats.isOn || objective.capacity.weight.isOn {
      throw LatentError.usage(
        "Refinement climbs each example's own bound, where free bits and a capacity are about the rate of a whole batch",
        remedy: "Set model.encoder.posterior.refinementSteps=0, or objective.freeBits.nats=0 and "
          + "objective.capacity.weight=0")
    }
    let isNormal = hierarchy.layers.isEmpty && encoder.posterior.kind == .diagonalNormal
    if objective.freeBits.nats.isOn, objective.freeBits.scope == .dimension, !hasLatentRates {
      let culprit =
        encoder.posterior.kind == .diagonalNormal
        ? "a prior of kind \(prior.kind.rawValue)" : "a posterior of kind \(encoder.posterior.kind.rawValue)"
      throw LatentError.usage(
        "Free bits for each dimension need a rate that is a sum over the dimensions, which \(culprit) does not give",
        remedy: "Set objective.freeBits.scope=group, or a diagonalNormal posterior and a standardNormal prior")
    }
    guard isNormal || !(objective.totalCorrelation.isOn && objective.totalCorrelation.estimator != .densityRatio) else {
      throw LatentError.usage(
        "Total correlation is estimated from the densities of diagonal Normals in one layer, which this posterior is not",
        remedy: "Set objective.totalCorrelation.estimator=densityRatio, or model.encoder.posterior.kind=diagonalNormal")
    }
    guard isNormal || !objective.covariance.isOn else {
      throw LatentError.usage(
        "The covariance penalty is about the means and variances of diagonal Normals in one layer",
        remedy:
          "Set model.encoder.posterior.kind=diagonalNormal, or objective.covariance.offDiagonal and .diagonal to 0")
    }
  }
}
