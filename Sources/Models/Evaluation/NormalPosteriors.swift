import LatentDiagnostics
import Foundation

/// The diagonal normal posteriors q(z|x) of some examples, as an encoder gives them.
public struct NormalPosteriors: Sendable, Equatable {
  /// The means, one row for each example.
  public let means: CodeMatrix
  /// The logarithms of the variances, one row for each example.
  public let logVariances: CodeMatrix
  /// The number of examples.
  public var count: Int { means.count }
  /// The number of latents.
  public var width: Int { means.width }

  /// Pairs means with log-variances, which must be of one shape.
  ///
  /// - Throws: A `LatentError` when there are fewer than two examples, or a value is not a finite number.
  public init(means: CodeMatrix, logVariances: CodeMatrix) throws {
    require(
      means.count == logVariances.count && means.width == logVariances.width,
      "Means and log-variances differ in shape")
    guard means.count >= 2 else {
      throw LatentError.usage(
        "\(means.count) examples do not show how codes vary", remedy: "Give at least two examples")
    }
    try means.checkFinite()
    try logVariances.checkFinite()
    self.means = means
    self.logVariances = logVariances
  }

  /// The rate of each latent against a standard normal prior: KL(q(z_j|x) || N(0, 1)), averaged over the examples, in
  /// nats.
  public var rates: [Double] {
    var sums = [Double](repeating: 0, count: width)
    for place in means.values.indices {
      let mean = Double(means.values[place])
      let logVariance = Double(logVariances.values[place])
      sums[place % width] += 0.5 * (mean * mean + exp(logVariance) - 1 - logVariance)
    }
    return sums.map { $0 / Double(count) }
  }
}
