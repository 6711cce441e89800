import Diagnostics

/// What a likelihood needs to know of the data's values.
public struct ValueSurvey: Hashable, Sendable {
  /// The smallest and the largest value.
  public var range: ClosedRange<Float>
  /// Whether every value is 0 or 1.
  public var isBinary: Bool
  /// Whether every value is a whole number.
  public var isWhole: Bool

  /// Creates a survey of values between the ends of a range.
  public init(range: ClosedRange<Float>, isBinary: Bool, isWhole: Bool) {
    self.range = range
    self.isBinary = isBinary
    self.isWhole = isWhole
  }
}

extension Likelihood {
  private static let key = "model.decoder.likelihood"

  /// What the kind is called in a sentence.
  private var title: String {
    switch kind {
    case .bernoulli: "Bernoulli"
    case .continuousBernoulli: "continuous Bernoulli"
    case .normal: "Normal"
    case .laplace: "Laplace"
    case .categorical: "categorical"
    case .discretizedLogistic: "discretised logistic"
    case .discretizedLogisticMixture: "discretised logistic mixture"
    case .poisson: "Poisson"
    case .negativeBinomial: "negative binomial"
    case .zeroInflatedNegativeBinomial: "zero-inflated negative binomial"
    }
  }

  /// Checks that the data are of the kind the likelihood is about.
  ///
  /// - Returns: a warning, if the combination is possible but seldom meant.
  /// - Throws: `LatentError` when the likelihood has no density for such data.
  public func check(_ data: ValueSurvey) throws -> String? {
    switch kind {
    case .bernoulli, .continuousBernoulli, .discretizedLogistic, .discretizedLogisticMixture:
      try checkUnitInterval(data)
    case .normal, .laplace:
      if meanActivation == .logistic { try checkUnitInterval(data, "mean of a \(title) likelihood") }
    case .categorical:
      if levelKind == .grey { try checkUnitInterval(data) } else { try checkWhole(data, below: levels) }
    case .poisson, .negativeBinomial, .zeroInflatedNegativeBinomial: try checkWhole(data, below: nil)
    }
    guard data.isBinary else { return nil }
    switch kind {
    case .normal, .laplace:
      return "The data are zeros and ones, of which a \(title) likelihood can claim any density. "
        + "A Bernoulli likelihood is meant for them (--binarize none keeps grey values)"
    case .continuousBernoulli:
      return "The data are zeros and ones, but a continuous Bernoulli likelihood is about the values between. "
        + "A Bernoulli likelihood is meant for them (--binarize none keeps grey values)"
    case .categorical where levels > 2:
      return "The data are zeros and ones, but the likelihood has \(levels) levels. "
        + "A Bernoulli likelihood is meant for them"
    default: return nil
    }
  }

  private func checkUnitInterval(_ data: ValueSurvey, _ subject: String? = nil) throws {
    guard data.range.lowerBound < 0 || data.range.upperBound > 1 else { return }
    throw LatentError.usage(
      "A \(subject ?? "\(title) likelihood") is about values from 0 to 1, but the data go from "
        + "\(data.range.lowerBound) to \(data.range.upperBound)",
      remedy: subject == nil
        ? "Scale the data to [0, 1], or use a likelihood of any numbers: the preset vae-gaussian with "
          + "--set \(Self.key).meanActivation=identity"
        : "Use --set \(Self.key).meanActivation=identity, or scale the data to [0, 1]")
  }

  private func checkWhole(_ data: ValueSurvey, below limit: Int?) throws {
    guard data.isWhole, data.range.lowerBound >= 0 else {
      throw LatentError.usage(
        "A \(title) likelihood is about whole numbers from 0, but the data go from \(data.range.lowerBound) to "
          + "\(data.range.upperBound)" + (data.isWhole ? "" : " and have fractions"),
        remedy: "Give counts that are not normalised, or set \(Self.key).kind=normal")
    }
    guard let limit, data.range.upperBound >= Float(limit) else { return }
    throw LatentError.usage(
      "A likelihood of \(limit) levels is about tokens from 0 to \(limit - 1), but the data go up to "
        + "\(data.range.upperBound)",
      remedy: "Set \(Self.key).levels=\(Int(data.range.upperBound) + 1)")
  }
}
