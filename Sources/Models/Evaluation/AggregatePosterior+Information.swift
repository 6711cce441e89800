import Foundation

extension AggregatePosterior {
  /// Where the rate of a model goes, in nats: rate = mutual information + marginal divergence.
  package struct Information: Sendable, Equatable, Codable {
    /// E KL(q(z|x) || p(z)), averaged over the examples.
    package var rate: MonteCarloEstimate
    /// I_q(x; z): what a code tells about which of the examples it belongs to.
    package var mutualInformation: MonteCarloEstimate
    /// KL(q(z) || p(z)): how far the codes of all examples together are from the prior.
    package var marginalDivergence: MonteCarloEstimate
    /// How many examples were averaged over; the mutual information cannot exceed the logarithm of their number.
    package var examples: Int
    /// The number of draws behind each estimate.
    package var draws: Int
  }

  /// The number of draws unless another is asked for.
  package static let usualDraws = 2000

  /// Estimates the mutual information between examples and codes, and the rest of the rate.
  ///
  /// I_q = E KL(q(z|x) || p(z)) - KL(q(z) || p(z)) = E log q(z|x) / q(z), in which the prior cancels; the three
  /// estimates share their draws, so that they add up exactly and the noise of the prior's term is in neither.
  ///
  /// The figures are those of these N examples: q(z) is a mixture of their posteriors. Taken for the whole population,
  /// the mutual information is too low, since it is at most log N, and badly so when it comes near that; the marginal
  /// divergence is too high by as much. Give as many examples as time allows.
  ///
  /// Source: Hoffman, Johnson, "ELBO Surgery" (2016); He, Spokoyny, Neubig, Berg-Kirkpatrick, "Lagging Inference
  /// Networks and Posterior Collapse in Variational Autoencoders" (2019), section 3.
  ///
  /// - Parameters:
  ///   - draws: How many codes to draw, at least 1.
  ///   - seed: The same seed gives the same draws.
  ///   - priorLogDensity: log p(z) in nats; without one the prior is standard normal.
  package func information(
    draws: Int = usualDraws, seed: UInt64, priorLogDensity: (([Double]) -> Double)? = nil
  ) -> Information {
    let prior = priorLogDensity ?? Self.standardNormalLogDensity
    var rates: [Double] = []
    var information: [Double] = []
    var divergences: [Double] = []
    var room = [Double](repeating: 0, count: count)
    for (example, point) in self.draws(draws, seed: seed, stream: "information") {
      let posterior = logDensity(point, givenExample: example)
      let aggregate = logDensity(point, &room)
      let prior = prior(point)
      rates.append(posterior - prior)
      information.append(posterior - aggregate)
      divergences.append(aggregate - prior)
    }
    return Information(
      rate: MonteCarloEstimate(rates), mutualInformation: MonteCarloEstimate(information),
      marginalDivergence: MonteCarloEstimate(divergences), examples: count, draws: draws)
  }

  /// Estimates the total correlation KL(q(z) || product of q(z_j)) in nats: how far the latents are from independent.
  ///
  /// 0 for a single latent. Takes an exponential for each draw, example, and latent.
  ///
  /// Source: Watanabe (1960), as used by Chen and others, "Isolating Sources of Disentanglement in VAEs" (2018),
  /// equation 2.
  package func totalCorrelation(draws: Int = usualDraws, seed: UInt64) -> MonteCarloEstimate {
    MonteCarloEstimate(
      self.draws(draws, seed: seed, stream: "total correlation").map { _, point in
        logDensity(point) - logMarginalDensities(point).reduce(0, +)
      })
  }

  private static func standardNormalLogDensity(_ z: [Double]) -> Double {
    z.reduce(0) { $0 - 0.5 * ($1 * $1 + log(2 * .pi)) }
  }
}
