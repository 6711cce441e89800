import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// A free probability for each level: grey levels in [0, 1], or tokens 0, 1, 2 and so on.
public struct CategoricalLikelihood: OutputLikelihood {
  /// What the levels of a dimension are.
  public enum Levels: String, Codable, Hashable, Sendable, CaseIterable {
    /// Grey levels: k / (levels - 1).
    case grey
    /// Whole numbers from 0 to `levels` - 1, such as tokens.
    case tokens
  }

  /// Its name, and what it is.
  public static let name = FamilyName("categorical", "a free probability for each grey level or token")
  /// What may be relied on.
  public var traits: LikelihoodTraits { .independentDimensions }

  /// How many values a dimension can take.
  public var levels = 256
  /// What these values are.
  public var levelKind = Levels.grey

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1, or 0 to the last token.
  public var range: (least: Double?, greatest: Double?) { levelKind == .grey ? (0, 1) : (0, Double(levels - 1)) }

  /// Refuses numbers of levels that nothing has.
  public func validate(exampleShape: [Int]) throws {
    guard (2...65_536).contains(levels) else {
      throw LatentError.usage(
        "A likelihood cannot have \(levels) levels", remedy: "Set model.decoder.likelihood.levels from 2 to 65536")
    }
  }

  /// Refuses data that are no levels, and warns of zeros and ones.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    if levelKind == .grey {
      try data.requireUnitInterval("categorical")
    } else {
      try data.requireWhole("categorical", below: levels)
    }
    guard data.isBinary, levels > 2 else { return nil }
    return "The data are zeros and ones, but the likelihood has \(levels) levels. "
      + "A Bernoulli likelihood is meant for them"
  }

  /// A logit for each level of each channel.
  public func parametersPerPixel(channels: Int) -> Int { channels * levels }

  /// None: the mean is a matter of all logits together.
  public func outputBias(for mean: [Float]) -> [Double]? { nil }

  /// Levels with the outputs as logits.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let shape = outputs.leading + [outputs.pixels * outputs.channels, levels]
    return Categorical(
      logits: outputs.tensor.reshape(Shape(shape)), step: levelKind == .grey ? 1 / Double(levels - 1) : 1)
  }
}

extension LikelihoodFamily where Self == CategoricalLikelihood {
  /// Grey levels from 0 to 1.
  public static func greyLevels(_ levels: Int = 256) -> Self {
    var likelihood = CategoricalLikelihood()
    likelihood.levels = levels
    return likelihood
  }

  /// Tokens 0, 1, 2 and so on, below `levels`.
  public static func tokens(levels: Int) -> Self {
    var likelihood = CategoricalLikelihood()
    (likelihood.levels, likelihood.levelKind) = (levels, .tokens)
    return likelihood
  }
}
