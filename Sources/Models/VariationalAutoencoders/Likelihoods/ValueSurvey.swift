import LatentDiagnostics

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

  private static let key = "model.decoder.likelihood"

  /// Refuses values outside of [0, 1].
  ///
  /// - Parameter subject: what is about such values, in a sentence.
  public func requireUnitInterval(_ subject: String) throws {
    guard range.lowerBound < 0 || range.upperBound > 1 else { return }
    throw LatentError.usage(
      "A \(subject) likelihood is about values from 0 to 1, but the data go from \(range.lowerBound) to \(range.upperBound)",
      remedy: "Scale the data to [0, 1], or use a likelihood of any numbers: the preset vae-gaussian with "
        + "--set \(Self.key).meanActivation=identity")
  }

  /// Refuses values outside of [0, 1] where a mean is held between these by its activation.
  public func requireUnitIntervalOfMean(_ subject: String) throws {
    guard range.lowerBound < 0 || range.upperBound > 1 else { return }
    throw LatentError.usage(
      "A mean of a \(subject) likelihood is about values from 0 to 1, but the data go from \(range.lowerBound) to "
        + "\(range.upperBound)",
      remedy: "Use --set \(Self.key).meanActivation=identity, or scale the data to [0, 1]")
  }

  /// Refuses values that are no whole numbers from 0, or as large as a limit.
  public func requireWhole(_ subject: String, below limit: Int? = nil) throws {
    guard isWhole, range.lowerBound >= 0 else {
      throw LatentError.usage(
        "A \(subject) likelihood is about whole numbers from 0, but the data go from \(range.lowerBound) to "
          + "\(range.upperBound)" + (isWhole ? "" : " and have fractions"),
        remedy: "Give counts that are not normalised, or set \(Self.key).kind=normal")
    }
    guard let limit, range.upperBound >= Float(limit) else { return }
    throw LatentError.usage(
      "A likelihood of \(limit) levels is about tokens from 0 to \(limit - 1), but the data go up to \(range.upperBound)",
      remedy: range.upperBound < 65_536
        ? "Set \(Self.key).levels=\(Int(range.upperBound) + 1)" : "Give tokens below 65536, or another likelihood")
  }

  /// A warning that zeros and ones are seldom meant for a density, which can be any of them.
  public func warningOfBinaryData(_ subject: String) -> String? {
    guard isBinary else { return nil }
    return "The data are zeros and ones, of which a \(subject) likelihood can claim any density. "
      + "A Bernoulli likelihood is meant for them (--binarize none keeps grey values)"
  }
}
