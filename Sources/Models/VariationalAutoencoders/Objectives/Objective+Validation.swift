import LatentDiagnostics

extension Objective {
  /// Refuses numbers and combinations that make no objective.
  func validate() throws {
    guard (1...10_000).contains(samples), (1...10_000).contains(importanceSamples) else {
      throw LatentError.usage(
        "An objective cannot draw \(samples) samples of \(importanceSamples) weights",
        remedy: "Set objective.samples and objective.importanceSamples from 1 to 10000")
    }
    try validateNames()
    try validateSchedules()
    try bound.validateSchedules()
    for term in terms.changed { try term.validateSchedules() }
    guard corruption.kind == .normal || (corruption.level.value <= 1 && corruption.level.start <= 1) else {
      throw LatentError.usage(
        "objective.corruption.level goes beyond 1, which is no share of the values",
        remedy: "Set it to numbers from 0 to 1")
    }
    guard temperature.value >= 0.01, temperature.kind == .constant || temperature.start >= 0.01 else {
      throw LatentError.usage(
        "objective.temperature goes below 0.01, where relaxed draws have no gradient left",
        remedy: "Set it to numbers from 0.01")
    }
    if freeBits.nats.isOn, capacity.weight.isOn {
      throw LatentError.usage(
        "Free bits and a capacity both say what the rate should be",
        remedy: "Set objective.freeBits.nats=0 or objective.capacity.weight=0")
    }
    if !bound.traits.contains(.rateTerm), freeBits.nats.isOn || capacity.weight.isOn {
      throw LatentError.usage(
        "Free bits and capacity are about the rate, which only the evidence lower bound has as a term of its own",
        remedy: "Set objective.kind=evidenceLowerBound, or objective.freeBits.nats=0 and objective.capacity.weight=0")
    }
    if gradient != .pathwise, freeBits.nats.isOn || capacity.weight.isOn {
      throw LatentError.usage(
        "Free bits and capacity need the rate as a term of its own, which the gradient \(gradient.rawValue) has not",
        remedy: "Set objective.gradient=pathwise, or objective.freeBits.nats=0 and objective.capacity.weight=0")
    }
    if isScoreFunction, let term = terms.on.first(where: { $0.traits.contains(.ofDraws) }) {
      throw LatentError.usage(
        "A score function takes draws as they are, so that no penalty of the draws would reach the encoder",
        remedy: "Set objective.gradient=pathwise, or the weights of objective.\(term.kind) to 0")
    }
    if !bound.traits.contains(.importanceWeights), importanceSamples > 1 {
      throw LatentError.usage(
        "The objective \(bound.kind) has no importance weights to average",
        remedy: "Set objective.kind=importanceWeighted, or objective.importanceSamples=1 (objective.samples draws more)"
      )
    }
    try bound.validate(self)
  }
}
