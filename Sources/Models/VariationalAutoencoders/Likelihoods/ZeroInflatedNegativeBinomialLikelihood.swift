import LatentDistributions
import LatentLayers

/// Counts with a dispersion for each dimension, and a probability of a zero beside it (Lopez et al. 2018).
public struct ZeroInflatedNegativeBinomialLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "zeroInflatedNegativeBinomial", "counts with a dispersion and a probability of a zero beside it")
  /// What may be relied on.
  public var traits: LikelihoodTraits { [.independentDimensions, .counts] }

  /// The settings that it has where none are given.
  public init() {}

  /// 0 and more.
  public var range: (least: Double?, greatest: Double?) { (0, nil) }

  /// Refuses nothing.
  public func validate(exampleShape: [Int]) throws {}

  /// Refuses data that are no counts.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    try data.requireWhole("zero-inflated negative binomial")
    return nil
  }

  /// A log-mean, a log-dispersion, and the logit of a zero for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels * 3 }

  /// The logarithm of the mean.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(logarithms(of: mean)) }

  /// Counts with the outputs as log-means, log-dispersions, and logits.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let parts = outputs.parameters(3)
    return ZeroInflatedNegativeBinomial(
      logMean: parts[0].smoothlyBounded(), logDispersion: parts[1].smoothlyBounded(), gateLogits: parts[2])
  }
}

extension LikelihoodFamily where Self == ZeroInflatedNegativeBinomialLikelihood {
  /// Counts with a dispersion and a probability of a zero beside it.
  public static var zeroInflatedNegativeBinomial: Self { ZeroInflatedNegativeBinomialLikelihood() }
}
