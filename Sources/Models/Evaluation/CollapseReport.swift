import Foundation

/// Whether a model's posterior has collapsed onto the prior, latent by latent and as a whole.
public struct CollapseReport: Sendable, Equatable, Codable {
  /// What is known about one latent.
  public struct Unit: Sendable, Equatable, Codable {
    /// The latent's own part of the rate, averaged over the examples, in nats; `nil` where the rate is no sum over latents.
    public var rate: Double?
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
    /// Every latent is active: nothing has collapsed.
    case none
  }

  /// One entry for each latent, in their order.
  public let units: [Unit]
  /// The variance of a posterior mean above which its latent is active.
  public let threshold: Double
  /// The number of active latents.
  public let activeCount: Int
  /// E KL(q(z|x) || p(z)) in nats, from the prior that the report was told of; `nil` for a model without a bound.
  public let rate: Double?
  /// I_q(x; z) = E log q(z|x) / q(z) in nats, whatever the prior; q(z) is the average of these examples' posteriors, so that it
  /// is at most the logarithm of their number.
  public let mutualInformation: MonteCarloEstimate
  /// How many examples the posteriors are of, which bounds the mutual information by its logarithm.
  public let examples: Int
  /// The conclusion from the number of active latents and the mutual information.
  public let verdict: Verdict

  /// Below this mutual information, in nats, a code is taken to say nothing, whatever its latents do.
  public static let leastInformation = 0.1

  /// Which rates a report gives.
  public enum Rates: Sendable {
    /// Those from N(0, I), computed from the posteriors.
    case standardNormal
    /// A model's own from its own prior, in nats: in all, and of each latent where it is a sum over latents.
    case model(total: Double?, latents: [Double]?)
  }

  /// Examines posteriors.
  ///
  /// - Parameters:
  ///   - rates: From which prior rates are.
  ///   - threshold: The variance above which a latent is active.
  ///   - draws: How many codes the mutual information is estimated from.
  ///   - seed: The same seed gives the same report.
  /// - Throws: A `LatentError` when there are fewer than two examples.
  package init(
    _ posteriors: NormalPosteriors, rates: Rates, threshold: Double = ActiveUnits.usualThreshold,
    draws: Int = AggregatePosterior.usualDraws, seed: UInt64
  ) throws {
    let active = try ActiveUnits(posteriorMeans: posteriors.means, threshold: threshold)
    let latentRates: [Double]?
    switch rates {
    case .standardNormal:
      latentRates = posteriors.rates
      rate = posteriors.rates.reduce(0, +)
    case .model(let total, let latents): (rate, latentRates) = (total, latents)
    }
    units = active.variances.indices.map { latent in
      Unit(rate: latentRates?[latent], varianceOfMean: active.variances[latent], isActive: active.isActive[latent])
    }
    self.threshold = threshold
    activeCount = active.count
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
