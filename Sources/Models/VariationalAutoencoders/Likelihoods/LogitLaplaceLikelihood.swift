import Foundation
import LatentDistributions

/// Laplace distributions of logits, for colours in [0, 1]: the likelihood of the discrete VAE of text-to-image systems (Ramesh et al.
/// 2021, appendix A.3).
public struct LogitLaplaceLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName("logitLaplace", "Laplace distributions of logits, for colours in [0, 1]")
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
    try data.requireUnitInterval("logit-Laplace")
    return data.warningOfBinaryData("logit-Laplace")
  }

  /// A location and a log-scale for each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels * 2 }

  /// The logits of the mapped means.
  public func outputBias(for mean: [Float]) -> [Double]? {
    outputBias(
      mean.map { value in
        let mapped = LogitLaplace.mapped(min(1, max(0, Double(value))))
        return Foundation.log(mapped / (1 - mapped))
      })
  }

  /// Logit-Laplace distributions with the outputs as locations and log-scales.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let parts = outputs.parameters(2)
    return LogitLaplace(location: parts[0], logScale: parts[1].smoothlyBounded())
  }
}

extension LikelihoodFamily where Self == LogitLaplaceLikelihood {
  /// Laplace distributions of logits.
  public static var logitLaplace: Self { LogitLaplaceLikelihood() }
}
