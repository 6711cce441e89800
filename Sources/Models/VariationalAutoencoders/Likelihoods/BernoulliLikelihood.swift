import LatentDistributions

/// A coin for each dimension, for data in [0, 1]: a likelihood of zeros and ones, a score of grey values (Kingma & Welling
/// 2013, appendix C.1).
public struct BernoulliLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName("bernoulli", "a coin for each dimension, for data in [0, 1]")
  /// What may be relied on.
  public var traits: LikelihoodTraits { .independentDimensions }

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1.
  public var range: (least: Double?, greatest: Double?) { (0, 1) }

  /// Refuses nothing.
  public func validate(exampleShape: [Int]) throws {}

  /// Refuses data outside of [0, 1], and warns of grey values.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    try data.requireUnitInterval("Bernoulli")
    guard inBound, !data.isBinary else { return nil }
    return "The data have grey values, but a Bernoulli likelihood is about zeros and ones: its figures are then no "
      + "likelihoods, and cannot be compared. --binarize stochastic draws zeros and ones, and "
      + "--set model.decoder.likelihood.kind=continuousBernoulli is about the values between"
  }

  /// A logit for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels }

  /// The logits of the mean.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(mean.map(boundedLogit)) }

  /// Coins with the outputs as logits.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution { Bernoulli(logits: outputs.parameter) }
}

extension LikelihoodFamily where Self == BernoulliLikelihood {
  /// A coin for each dimension, for data in [0, 1].
  public static var bernoulli: Self { BernoulliLikelihood() }
}
