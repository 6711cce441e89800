import Diagnostics
import Distributions
import Layers
import TensorGraph

/// What training maximises.
public struct Objective: Codable, Hashable, Sendable {
  /// The kind of bound, or its absence.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// The evidence lower bound (Kingma & Welling 2013, equation 3).
    case evidenceLowerBound
    /// E log p(x|z) alone: what a deterministic autoencoder maximises.
    case reconstruction
  }

  /// How the bound's divergence from the prior is estimated.
  public enum Estimator: String, Codable, Hashable, Sendable, CaseIterable {
    /// Estimator A: log p(x, z) - log q(z|x), all by Monte Carlo (equation 6).
    case monteCarlo
    /// Estimator B: the divergence in closed form, the rest by Monte Carlo (equation 7).
    case closedForm
  }

  /// The kind of bound.
  public var kind: Kind
  /// How the divergence is estimated.
  public var estimator: Estimator
  /// How many latents are drawn for each example (L).
  public var samples: Int

  /// The evidence lower bound.
  public static func elbo(estimator: Estimator = .closedForm, samples: Int = 1) -> Objective {
    Objective(kind: .evidenceLowerBound, estimator: estimator, samples: samples)
  }

  /// The reconstruction alone.
  public static let reconstruction = Objective(kind: .reconstruction, estimator: .closedForm, samples: 1)

  /// The bound's parts for a batch [B, ...] of examples.
  public func terms(_ model: Model, _ examples: Tensor, mode: Mode) -> BoundTerms {
    let graph = examples.graph
    return graph.scope("objective") {
      let x = examples.flattened()
      let posterior = model.posterior(examples, mode: mode)
      let z = posterior.sample(count: kind == .reconstruction ? 1 : samples)
      let distortion = -model.likelihood(z, mode: mode).logProbability(x).mean([0])
      guard kind == .evidenceLowerBound else {
        return BoundTerms(rate: distortion * 0, distortion: distortion)
      }
      let prior = model.prior(count: examples.shape[0], in: graph)
      if estimator == .closedForm, let divergence = kullbackLeibler(from: posterior, to: prior) {
        return BoundTerms(rate: divergence, distortion: distortion)
      }
      let rate = (posterior.logProbability(z) - prior.logProbability(z)).mean([0])
      return BoundTerms(rate: rate, distortion: distortion)
    }
  }
}

/// The parts of a bound for each example of a batch, [B], in nats.
public struct BoundTerms {
  /// The divergence of the posterior from the prior, KL(q(z|x) || p(z)).
  public let rate: Tensor
  /// The negative expected log-likelihood, -E log p(x|z).
  public let distortion: Tensor

  /// -(rate + distortion), a lower bound of log p(x).
  public var elbo: Tensor { -(rate + distortion) }
}
