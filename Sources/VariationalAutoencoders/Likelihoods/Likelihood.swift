import Diagnostics
import Foundation
import Layers

/// p(x|z): what the decoder's outputs say about an example.
public struct Likelihood: Codable, Hashable, Sendable {
  /// The family of p(x|z), which decides what data it is about.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// A coin for each dimension, for data in [0, 1]: a likelihood of zeros and ones, a score of grey values.
    case bernoulli
    /// Normalised densities on [0, 1] of Bernoulli's form (Loaiza-Ganem & Cunningham 2019).
    case continuousBernoulli
    /// Independent Normals, for real numbers.
    case normal
    /// Independent Laplace distributions with a scale for each dimension, for real numbers with outliers.
    case laplace
    /// A free probability for each level: grey levels in [0, 1], or tokens 0, 1, 2 and so on.
    case categorical
    /// A logistic distribution integrated over the width of a grey level, for data in [0, 1] (Kingma et al. 2016).
    case discretizedLogistic
    /// A mixture of those, with colour channels coupled (Salimans et al. 2017).
    case discretizedLogisticMixture
    /// Counts whose variance is their mean.
    case poisson
    /// Counts with a dispersion for each dimension (Lopez et al. 2018).
    case negativeBinomial
    /// The same with a probability of a zero beside it.
    case zeroInflatedNegativeBinomial
  }

  /// Where a Normal's variance comes from.
  public enum Variance: String, Codable, Hashable, Sendable, CaseIterable {
    /// The given standard deviation, which makes the distortion a squared error.
    case fixed
    /// One learned number for all dimensions and examples.
    case scalar
    /// The decoder gives one for each dimension (Kingma & Welling 2013, appendix C.2).
    case perDimension
    /// The mean squared error of the batch, which is the best there is (sigma-VAE, Rybkin et al. 2021).
    case optimal
  }

  /// What the levels of a categorical likelihood are.
  public enum Levels: String, Codable, Hashable, Sendable, CaseIterable {
    /// Grey levels: k / (levels - 1).
    case grey
    /// Whole numbers from 0 to `levels` - 1, such as tokens.
    case tokens
  }

  /// The family of p(x|z), which decides what data it is about.
  public var kind: Kind
  /// Where a Normal's variance comes from.
  public var variance: Variance
  /// A Normal's standard deviation: the fixed one, or the first of a learned one.
  public var standardDeviation: Double
  /// What the mean of a Normal or a Laplace distribution is passed through: logistic for data in [0, 1], identity for any
  /// numbers.
  public var meanActivation: Activation
  /// How many values a dimension of discrete data can take.
  public var levels: Int
  /// What these values are, for a categorical likelihood.
  public var levelKind: Levels
  /// How many components a mixture has.
  public var components: Int

  init(
    _ kind: Kind, variance: Variance = .fixed, standardDeviation: Double = 1, meanActivation: Activation = .identity,
    levels: Int = 256, components: Int = 5
  ) {
    self.kind = kind
    self.variance = variance
    self.standardDeviation = standardDeviation
    self.meanActivation = meanActivation
    self.levels = levels
    levelKind = .grey
    self.components = components
  }

  /// A coin for each dimension, for data in [0, 1] (Kingma & Welling 2013, appendix C.1).
  public static let bernoulli = Likelihood(.bernoulli)

  /// An independent Normal for each dimension, for real numbers; its mean comes from the decoder, its variance as
  /// `variance` says.
  public static func normal(
    variance: Variance = .fixed, standardDeviation: Double = 1, meanActivation: Activation = .identity
  ) -> Likelihood {
    Likelihood(
      .normal, variance: variance, standardDeviation: standardDeviation, meanActivation: meanActivation)
  }

  /// Any likelihood with the settings it has by default.
  public static func standard(_ kind: Kind) -> Likelihood { Likelihood(kind) }

  /// Tokens 0, 1, 2 and so on, below `levels`.
  public static func tokens(levels: Int) -> Likelihood {
    var result = Likelihood(.categorical, levels: levels)
    result.levelKind = .tokens
    return result
  }

  /// How many numbers the decoder gives for each pixel of some channels.
  func parametersPerPixel(channels: Int) -> Int {
    switch kind {
    case .bernoulli, .continuousBernoulli, .poisson: channels
    case .normal: channels * (variance == .perDimension ? 2 : 1)
    case .laplace, .discretizedLogistic, .negativeBinomial: channels * 2
    case .zeroInflatedNegativeBinomial: channels * 3
    case .categorical: channels * levels
    case .discretizedLogisticMixture: mixtureParameters(channels: channels)
    }
  }

  /// The least and the greatest value of an example, where there are such; what `check` holds the data to.
  var range: (least: Double?, greatest: Double?) {
    switch kind {
    case .bernoulli, .continuousBernoulli, .discretizedLogistic, .discretizedLogisticMixture: (0, 1)
    case .normal, .laplace: meanActivation == .logistic ? (0, 1) : (nil, nil)
    case .categorical: levelKind == .grey ? (0, 1) : (0, Double(levels - 1))
    case .poisson, .negativeBinomial, .zeroInflatedNegativeBinomial: (0, nil)
    }
  }

  /// Whether the dimensions are independent, so that missing ones can be left out.
  var isFactorized: Bool { kind != .discretizedLogisticMixture }

  /// Whether it is a density over real numbers, rather than probabilities of values that can be counted: the bits of the
  /// one cannot be compared with those of the other.
  public var isDensity: Bool {
    switch kind {
    case .continuousBernoulli, .normal, .laplace: true
    case .bernoulli, .categorical, .discretizedLogistic, .discretizedLogisticMixture, .poisson, .negativeBinomial,
      .zeroInflatedNegativeBinomial:
      false
    }
  }

  /// Whether the data are counts, whose logarithms an encoder is better given.
  var isAboutCounts: Bool {
    switch kind {
    case .poisson, .negativeBinomial, .zeroInflatedNegativeBinomial: true
    case .bernoulli, .continuousBernoulli, .normal, .laplace, .categorical, .discretizedLogistic,
      .discretizedLogisticMixture:
      false
    }
  }

  /// Refuses settings that make no likelihood.
  func validate() throws {
    guard standardDeviation.isFinite, (1e-4...1e4).contains(standardDeviation) else {
      throw LatentError.usage(
        "A likelihood cannot have the standard deviation \(standardDeviation)",
        remedy: "Set model.decoder.likelihood.standardDeviation from 0.0001 to 10000")
    }
    guard [.identity, .logistic].contains(meanActivation) else {
      throw LatentError.usage(
        "A likelihood's mean cannot be passed through \(meanActivation.rawValue)",
        remedy: "Set model.decoder.likelihood.meanActivation to identity or logistic")
    }
    guard (2...65_536).contains(levels), (1...1000).contains(components) else {
      throw LatentError.usage(
        "A likelihood cannot have \(levels) levels and \(components) components",
        remedy: "Set model.decoder.likelihood.levels from 2 to 65536 and .components from 1 to 1000")
    }
  }
}
