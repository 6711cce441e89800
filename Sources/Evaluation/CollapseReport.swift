import Foundation

/// Whether a model's posterior has collapsed onto the prior, latent by latent and as a whole.
public struct CollapseReport: Sendable, Equatable, Codable {
  /// What is known about one latent.
  public struct Unit: Sendable, Equatable, Codable {
    /// KL(q(z_j|x) || N(0, 1)) averaged over the examples, in nats.
    public var rate: Double
    /// The variance of the posterior mean over the examples.
    public var varianceOfMean: Double
    /// Whether that variance is above the threshold.
    public var isActive: Bool
  }

  /// How much of the latent space is out of use.
  public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// The code says next to nothing: no latent is active, or at most two and fewer than half of them, or the mutual
    /// information is below 0.1 nats.
    case collapsed
    /// Some latents are active and some are not.
    case partly
    /// Every latent is active.
    case none
  }

  /// One entry for each latent, in their order.
  public let units: [Unit]
  /// The variance of a posterior mean above which its latent is active.
  public let threshold: Double
  /// The number of active latents.
  public let activeCount: Int
  /// The sum of the latents' rates, in nats.
  public let rate: Double
  /// I_q(x; z) in nats, at most the logarithm of the number of examples.
  public let mutualInformation: MonteCarloEstimate
  /// The number of examples.
  public let examples: Int
  /// The conclusion.
  public let verdict: Verdict

  /// Below this mutual information, in nats, a code is taken to say nothing, whatever its latents do.
  public static let leastInformation = 0.1

  /// Examines posteriors; the prior is standard normal as far as rates go.
  ///
  /// - Parameters:
  ///   - threshold: The variance above which a latent is active.
  ///   - draws: How many codes the mutual information is estimated from.
  ///   - seed: The same seed gives the same report.
  /// - Throws: A `LatentError` when there are fewer than two examples.
  public init(
    _ posteriors: NormalPosteriors, threshold: Double = ActiveUnits.usualThreshold,
    draws: Int = AggregatePosterior.usualDraws, seed: UInt64
  ) throws {
    let active = try ActiveUnits(posteriorMeans: posteriors.means, threshold: threshold)
    let rates = posteriors.rates
    units = rates.indices.map { latent in
      Unit(rate: rates[latent], varianceOfMean: active.variances[latent], isActive: active.isActive[latent])
    }
    self.threshold = threshold
    activeCount = active.count
    rate = rates.reduce(0, +)
    mutualInformation = AggregatePosterior(posteriors).information(draws: draws, seed: seed).mutualInformation
    examples = posteriors.count
    verdict = Self.verdict(
      active: active.count, latents: posteriors.width, information: mutualInformation.value)
  }

  /// The conclusion from the number of active latents and the mutual information in nats.
  static func verdict(active: Int, latents: Int, information: Double) -> Verdict {
    if active == 0 || (active <= 2 && 2 * active < latents) || information < leastInformation { return .collapsed }
    return active < latents ? .partly : .none
  }

  /// The verdict in a sentence, with the figures that it rests on.
  public var explanation: String {
    let share =
      "\(activeCount) of \(units.count) latents \(activeCount == 1 ? "is" : "are") active "
      + "(variance of the posterior mean above \(threshold))"
    let information = String(
      format: "a code carries %.2f nats about its example of at most %.2f", max(mutualInformation.value, 0),
      log(Double(examples)))
    switch verdict {
    case .collapsed: return "The posterior has collapsed: \(share), and \(information)."
    case .partly: return "The posterior has collapsed in part: \(share), and \(information)."
    case .none: return "The posterior has not collapsed: \(share), and \(information)."
    }
  }
}
