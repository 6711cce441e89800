import LatentDiagnostics

extension VariationalAutoencoder {
  /// A model without latents, all of which is the likelihood: an autoregressive one makes it an exact model of its own.
  public static func withoutLatents(_ likelihood: any LikelihoodFamily) -> VariationalAutoencoder {
    VariationalAutoencoder(
      prior: NoPrior(), encoder: .init(network: NoNetwork(), posterior: NoPosterior()),
      decoder: .init(network: NoNetwork(), likelihood: likelihood))
  }

  /// Whether there are latents at all; without them a bound is the log-likelihood itself.
  public var hasLatents: Bool { !prior.traits.contains(.nothing) }

  /// Whether what is decoded is drawn, because the likelihood has no mean in closed form.
  public var isDrawn: Bool { decoder.likelihood.traits.contains(.autoregressive) }

  /// Whether its prior or its likelihood goes through values in order, so that draws can be less varied than the model.
  public var hasDrawSettings: Bool {
    if prior is AutoregressiveCodesPrior { return true }
    let output = (decoder.likelihood as? AutoregressiveLikelihood)?.output
    return output is BernoulliLikelihood || output is CategoricalLikelihood || output is BinaryPatternLikelihood
  }

  /// Refuses settings that make no draws, and those of a model that they say nothing about.
  func validate(_ drawing: DrawSettings) throws {
    guard DrawSettings.temperatures.contains(drawing.temperature), drawing.topK ?? 1 > 0 else {
      throw LatentError.usage(
        "Values cannot be drawn with temperature \(drawing.temperature)"
          + (drawing.topK.map { " among the \($0) most probable" } ?? ""),
        remedy: "Give a temperature from \(DrawSettings.temperatures.lowerBound) to "
          + "\(Int(DrawSettings.temperatures.upperBound)), and 1 or more of the most probable")
    }
    guard drawing == DrawSettings() || hasDrawSettings else {
      throw LatentError.usage(
        "A temperature is about values that are drawn one after another from logits, which this model's are not",
        remedy: "Leave it out, or use a run of a model such as pixelcnn or transformer-prior")
    }
  }

  /// Refuses parts that would have nothing to do or nothing to give, and objectives about latents that are not there.
  func validateAbsence(_ objective: Objective) throws {
    let isNothing = encoder.posterior.traits.contains(.nothing)
    guard (encoder.network is NoNetwork) == isNothing else {
      throw LatentError.usage(
        isNothing
          ? "An encoder has nothing to do in a model without latents" : "Latents cannot be inferred without an encoder",
        remedy: isNothing
          ? "Set model.encoder.network.architecture=none"
          : "Set another model.encoder.network.architecture, or model.encoder.posterior.kind=none and model.prior.kind=none"
      )
    }
    let numbers = decoder.likelihood.parametersPerPixel(channels: 1)
    guard (decoder.network is NoNetwork) == (numbers == 0) else {
      throw LatentError.usage(
        numbers == 0
          ? "The likelihood takes nothing from a decoder"
          : "A likelihood of kind \(decoder.likelihood.kind) needs a decoder",
        remedy: numbers == 0
          ? "Set model.decoder.network.architecture=none, or model.decoder.likelihood.context=16"
          : "Set model.decoder.network.architecture=mlp, or model.decoder.likelihood.kind=autoregressive and .context=0"
      )
    }
    guard numbers > 0 || (isNothing && !condition.isOn) else {
      throw LatentError.usage(
        "Without a decoder \(isNothing ? "a condition" : "the latents") would not reach the examples",
        remedy: "Set model.decoder.likelihood.context=16 and model.decoder.network.architecture=mlp")
    }
    guard isNothing else { return }
    guard objective.hasBound, !objective.bound.traits.contains(.importanceWeights), objective.terms.on.isEmpty,
      !objective.freeBits.nats.isOn, !objective.capacity.weight.isOn, objective.corruption.kind == .none
    else {
      throw LatentError.usage(
        "The objective is about latents, which the model has none of",
        remedy: "Set objective.kind=evidenceLowerBound without free bits, capacity, corruption, and further terms")
    }
  }
}
