import LatentDistributions
import Foundation
import LatentLayers

/// Counts whose variance is their mean.
public struct PoissonLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName("poisson", "counts whose variance is their mean")
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
    try data.requireWhole("Poisson")
    return nil
  }

  /// A log-rate for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels }

  /// The logarithm of the mean.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(logarithms(of: mean)) }

  /// Counts with the outputs as log-rates.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    Poisson(logRate: outputs.parameter.smoothlyBounded())
  }
}

extension LikelihoodFamily where Self == PoissonLikelihood {
  /// Counts whose variance is their mean.
  public static var poisson: Self { PoissonLikelihood() }
}

/// The logarithms of mean counts, which are kept away from 0.
func logarithms(of mean: [Float]) -> [Double] { mean.map { Foundation.log(max(1e-3, Double($0))) } }
