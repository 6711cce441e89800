import LatentDiagnostics

/// The mean of the differences of two models on the same examples, whose error leaves out what the examples have in common.
public struct PairedDifference: Hashable, Sendable {
  /// The mean of the first less the second.
  public let mean: Double
  /// The standard error of the mean over the examples; 0 for a single one.
  public let error: Double

  /// Compares values of the same examples in the same order, of which there must be at least one.
  public init(_ first: [Double], _ second: [Double]) {
    require(first.count == second.count, "\(first.count) values beside \(second.count)")
    let estimate = MonteCarloEstimate(zip(first, second).map { $0 - $1 })
    (mean, error) = (estimate.value, estimate.error)
  }
}
