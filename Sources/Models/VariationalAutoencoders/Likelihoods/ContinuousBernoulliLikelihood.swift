import LatentDistributions

/// Normalised densities on [0, 1] of Bernoulli's form (Loaiza-Ganem & Cunningham 2019).
public struct ContinuousBernoulliLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName("continuousBernoulli", "densities on [0, 1] of Bernoulli's form")
  /// What may be relied on.
  public var traits: LikelihoodTraits { [.independentDimensions, .density] }

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1.
  public var range: (least: Double?, greatest: Double?) { (0, 1) }

  /// Refuses nothing.
  public func validate(exampleShape: [Int]) throws {}

  /// Refuses data outside of [0, 1], and warns of zeros and ones.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    try data.requireUnitInterval("continuous Bernoulli")
    guard data.isBinary else { return nil }
    return "The data are zeros and ones, but a continuous Bernoulli likelihood is about the values between. "
      + "A Bernoulli likelihood is meant for them (--binarize none keeps grey values)"
  }

  /// A logit for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels }

  /// The logits of the mean.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(mean.map(boundedLogit)) }

  /// Densities with the outputs as logits.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    ContinuousBernoulli(logits: outputs.parameter)
  }
}

extension LikelihoodFamily where Self == ContinuousBernoulliLikelihood {
  /// Densities on [0, 1] of Bernoulli's form.
  public static var continuousBernoulli: Self { ContinuousBernoulliLikelihood() }
}
