/// One figure of an experiment: theirs and ours.
public struct ReproductionRow: Codable, Hashable, Sendable {
  /// What was measured.
  public var row: String
  /// What the paper gives, if it gives a number.
  public var published: Double?
  /// The mean over seeds.
  public var ours: Double
  /// The standard error of that mean; missing for a single seed.
  public var standardError: Double?
  /// How long training and measuring took, all seeds together.
  public var seconds: Double

  enum CodingKeys: String, CodingKey {
    case row, published, ours
    case standardError = "standard_error"
    case seconds
  }

  /// Creates a row from one value for each seed.
  public init(_ row: String, published: Double? = nil, values: [Double], seconds: Double) {
    self.row = row
    self.published = published
    self.seconds = seconds
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    ours = mean
    guard values.count > 1 else { return }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardError = (squares / (count - 1) / count).squareRoot()
  }
}
