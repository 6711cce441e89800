import LatentDistributions
import LatentLayers

/// Counts with a dispersion for each dimension (Lopez et al. 2018).
public struct NegativeBinomialLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName("negativeBinomial", "counts with a dispersion for each dimension")
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
    try data.requireWhole("negative binomial")
    return nil
  }

  /// A log-mean and a log-dispersion for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels * 2 }

  /// The logarithm of the mean.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(logarithms(of: mean)) }

  /// Counts with the outputs as log-means and log-dispersions.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let parts = outputs.parameters(2)
    return NegativeBinomial(logMean: parts[0].smoothlyBounded(), logDispersion: parts[1].smoothlyBounded())
  }
}

extension LikelihoodFamily where Self == NegativeBinomialLikelihood {
  /// Counts with a dispersion for each dimension.
  public static var negativeBinomial: Self { NegativeBinomialLikelihood() }
}
