import LatentTensorGraph

/// Negative binomial counts some of which are replaced by zeros, with independent dimensions (Lopez et al. 2018, "scVI").
public struct ZeroInflatedNegativeBinomial: FactorizedDistribution {
  /// The counts that are not replaced.
  public let counts: NegativeBinomial
  /// log(p / (1 - p)) of the probability p that a count is replaced; broadcasts with the means.
  public let gateLogits: Tensor

  /// Creates a distribution from the log-means and the logarithms of the inverse dispersions of the counts, and the logits
  /// of replacing them.
  public init(logMean: Tensor, logDispersion: Tensor, gateLogits: Tensor) {
    self.init(counts: NegativeBinomial(logMean: logMean, logDispersion: logDispersion), gateLogits: gateLogits)
  }

  private init(counts: NegativeBinomial, gateLogits: Tensor) {
    self.counts = counts
    self.gateLogits = gateLogits
  }

  /// log(p + (1 - p) q(0)) at zero, elsewhere log(1 - p) + log q(x), where q is that of the counts.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    let kept = (-gateLogits).logLogistic()
    let zero = counts.zeroLogProbability
    // log(p / ((1 - p) q(0))); the larger of both terms leads, for their sum would lose the smaller one's digits.
    let advantage = gateLogits - zero
    let isGated = advantage.compare(.greater, 0)
    let leading = isGated.select(gateLogits.logLogistic(), kept + zero)
    let atZero = leading + isGated.select(-advantage, advantage).softplus()
    return x.compare(.greater, 0).select(kept + counts.elementLogProbability(x), atZero)
  }

  /// Counts, some of which are replaced; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let draws = counts.sample(count: count)
    let uniform = draws.graph.random(.uniform, shape: draws.shape, type: draws.type)
    return uniform.compare(.less, gateLogits.logistic()).select(draws.scalar(0), draws)
  }

  /// (1 - p) times the means of the counts.
  public var mean: Tensor { (-gateLogits).logistic() * counts.mean }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    ZeroInflatedNegativeBinomial(
      logMean: counts.logMean.stopGradient(), logDispersion: counts.logDispersion.stopGradient(),
      gateLogits: gateLogits.stopGradient())
  }
}
