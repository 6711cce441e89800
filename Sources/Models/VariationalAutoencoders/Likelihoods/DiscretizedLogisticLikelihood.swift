import LatentDiagnostics
import LatentDistributions

/// A logistic distribution integrated over the width of a grey level, for data in [0, 1] (Kingma et al. 2016).
public struct DiscretizedLogisticLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName("discretizedLogistic", "a logistic distribution over grey levels in [0, 1]")
  /// What may be relied on.
  public var traits: LikelihoodTraits { .independentDimensions }

  /// How many grey levels there are.
  public var levels = 256

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1.
  public var range: (least: Double?, greatest: Double?) { (0, 1) }

  /// Refuses numbers of levels that nothing has.
  public func validate(exampleShape: [Int]) throws {
    guard (2...65_536).contains(levels) else {
      throw LatentError.usage(
        "A likelihood cannot have \(levels) levels", remedy: "Set model.decoder.likelihood.levels from 2 to 65536")
    }
  }

  /// Refuses data outside of [0, 1].
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    try data.requireUnitInterval("discretised logistic")
    return nil
  }

  /// A mean and a log-scale for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels * 2 }

  /// The logits of the mean.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(mean.map(boundedLogit)) }

  /// Logistic distributions with the outputs as means and log-scales.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let parts = outputs.parameters(2)
    return DiscretizedLogistic(mean: parts[0].logistic(), logScale: parts[1].smoothlyBounded(), levels: levels)
  }
}

extension LikelihoodFamily where Self == DiscretizedLogisticLikelihood {
  /// A logistic distribution over grey levels.
  public static var discretizedLogistic: Self { DiscretizedLogisticLikelihood() }
}
