import LatentDiagnostics
import LatentVariationalAutoencoders

extension RunConfiguration {
  /// Whether a prior alone is trained, of a model that another run trained.
  public var isSecondStage: Bool { autoencoder != nil }

  /// This configuration's prior and training, with everything else of the run of an autoencoder: its data, its model, and what it
  /// was trained to maximise.
  ///
  /// The prior is learned from the latents of the autoencoder, which stays as it is (van den Oord et al. 2017, section 3.3).
  ///
  /// - Parameter path: where that run is, for the record.
  public func secondStage(of first: RunConfiguration, at path: String) -> RunConfiguration {
    var result = self
    (result.data, result.objective, result.model) = (first.data, first.objective, first.model)
    result.data.validationSeed = first.data.validationSeed ?? first.seed
    result.model.prior = model.prior
    result.model.prior.dimensions = first.model.prior.dimensions
    result.autoencoder = path
    return result
  }

  /// Refuses a second stage that has nothing to learn, or nothing to learn it from.
  func validateSecondStage() throws {
    guard isSecondStage else { return }
    guard startedFrom == nil, lagging.maximumSteps == 0 else {
      throw LatentError.usage(
        "The prior of a finished autoencoder begins with random weights, and its encoder takes no steps",
        remedy: "Give --autoencoder without --from, and lagging.maximumSteps=0")
    }
    guard model.encoder.posterior.refinement == nil else {
      throw LatentError.usage(
        "The refinement of a posterior goes by the prior, so that the autoencoder would change with it",
        remedy: "Give --autoencoder a run without model.encoder.posterior.refinementSteps")
    }
    guard model.hierarchy.layers.isEmpty, objective.hasBound, model.hasLatents else {
      throw LatentError.usage(
        "A prior can be learned afterwards of one layer of latents that was trained with a bound",
        remedy: "Give --autoencoder a run of a model such as vq-vae or vae")
    }
    guard model.prior.traits.contains(.learned), !model.prior.traits.contains(.madeByEncoder) else {
      throw LatentError.usage(
        "A prior of kind \(model.prior.kind) has nothing to learn from the latents of an autoencoder",
        remedy: "Use the preset pixelcnn-prior or transformer-prior, or set model.prior.kind=realNVP")
    }
  }
}
