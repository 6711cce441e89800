import LatentDiagnostics

/// The mean of some draws, and how far it may be off by chance.
public struct MonteCarloEstimate: Sendable, Hashable, Codable {
  /// The mean of the draws, in their unit: the estimate.
  public var value: Double
  /// The standard error of the mean; 0 for a single draw, of which nothing is known.
  public var error: Double

  /// Averages draws, of which there must be at least one.
  init(_ draws: [Double]) {
    require(!draws.isEmpty, "An average needs at least one draw")
    let count = Double(draws.count)
    let mean = draws.reduce(0, +) / count
    let squares = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    value = mean
    error = draws.count > 1 ? (squares / (count - 1) / count).squareRoot() : 0
  }
}
