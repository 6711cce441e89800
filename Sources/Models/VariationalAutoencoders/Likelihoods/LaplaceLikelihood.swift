import LatentDistributions
import LatentLayers

/// Independent Laplace distributions with a scale for each dimension, for real numbers with outliers.
public struct LaplaceLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName("laplace", "independent Laplace distributions, for real numbers with outliers")
  /// What may be relied on.
  public var traits: LikelihoodTraits { [.independentDimensions, .density] }

  /// What the mean is passed through: logistic for data in [0, 1], identity for any numbers.
  public var meanActivation = Activation.identity

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1 for a logistic mean.
  public var range: (least: Double?, greatest: Double?) { meanActivation == .logistic ? (0, 1) : (nil, nil) }

  /// Refuses activations that a mean is not passed through.
  public func validate(exampleShape: [Int]) throws {
    try meanActivation.requireMeanActivation()
  }

  /// Refuses data that a logistic mean cannot have, and warns of zeros and ones.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    if meanActivation == .logistic { try data.requireUnitIntervalOfMean("Laplace") }
    return data.warningOfBinaryData("Laplace")
  }

  /// A mean and a log-scale for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels * 2 }

  /// The mean, before its activation.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(meanActivation.inverse(of: mean)) }

  /// Laplace distributions with the outputs as means and log-scales.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let parts = outputs.parameters(2)
    return Laplace(mean: meanActivation(parts[0]), logScale: parts[1].smoothlyBounded())
  }
}

extension LikelihoodFamily where Self == LaplaceLikelihood {
  /// Independent Laplace distributions.
  public static func laplace(meanActivation: Activation = .identity) -> Self {
    var likelihood = LaplaceLikelihood()
    likelihood.meanActivation = meanActivation
    return likelihood
  }
}
