import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// A mixture of logistic distributions over grey levels, with the channels of a pixel coupled (Salimans et al. 2017).
public struct DiscretizedLogisticMixtureLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "discretizedLogisticMixture", "a mixture of logistic distributions over grey levels, channels coupled")
  /// What may be relied on.
  public var traits: LikelihoodTraits { [] }

  /// How many grey levels there are.
  public var levels = 256
  /// How many components the mixture has.
  public var components = 5

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1.
  public var range: (least: Double?, greatest: Double?) { (0, 1) }

  /// Refuses images that are neither grey nor in colour.
  public func validate(exampleShape: [Int]) throws {
    guard (2...65_536).contains(levels), (1...1000).contains(components) else {
      throw LatentError.usage(
        "A likelihood cannot have \(levels) levels and \(components) components",
        remedy: "Set model.decoder.likelihood.levels from 2 to 65536 and .components from 1 to 1000")
    }
    guard exampleShape.count != 3 || [1, 3].contains(exampleShape[2]) else {
      throw LatentError.usage(
        "A mixture of discretised logistics is about grey or colour images, not \(exampleShape[2]) channels",
        remedy: "Set model.decoder.likelihood.kind=discretizedLogistic")
    }
  }

  /// Refuses data outside of [0, 1].
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    try data.requireUnitInterval("discretised logistic mixture")
    return nil
  }

  /// What describes a mixture.
  public func parametersPerPixel(channels: Int) -> Int {
    DiscretizedLogisticMixture.parametersPerPixel(channels: channels, components: components)
  }

  /// None: the mean is a matter of all components together.
  public func outputBias(for mean: [Float]) -> [Double]? { nil }

  /// Mixtures with the outputs as parameters.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let width = outputs.pixels * parametersPerPixel(channels: outputs.channels)
    return DiscretizedLogisticMixture(
      parameters: outputs.tensor.reshape(Shape(outputs.leading + [width])), pixels: outputs.pixels,
      channels: outputs.channels, components: components, levels: levels)
  }
}

extension LikelihoodFamily where Self == DiscretizedLogisticMixtureLikelihood {
  /// A mixture of logistic distributions over grey levels.
  public static var discretizedLogisticMixture: Self { DiscretizedLogisticMixtureLikelihood() }
}
