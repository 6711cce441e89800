import LatentTensorGraph

/// A distribution of vectors, one for each index of the leading dimensions.
///
/// Parameters and values have shape [..., D]; leading dimensions broadcast. Densities are summed over D, in nats.
public protocol Distribution {
  /// log p(x), of shape [...].
  func logProbability(_ x: Tensor) -> Tensor

  /// One draw for each index of the parameters' leading dimensions and of the further ones given.
  ///
  /// - Parameter count: how many draws to put in a new first dimension; `nil` for one draw without it.
  /// - Returns: [count, ..., D] or [..., D]. Where the distribution can be reparameterised, gradients flow to the parameters.
  func sample(count: Int?) -> Tensor

  /// A draw and its log-density, which some distributions know only together.
  ///
  /// Unless a distribution says otherwise, this is `sample` followed by `logProbability`.
  func sampleWithLogProbability(count: Int?) -> (sample: Tensor, logProbability: Tensor)

  /// The expectation, of shape [..., D]; where it has no closed form, a point near it that the distribution documents.
  var mean: Tensor { get }

  /// The same distribution with parameters to which no gradient flows, or `nil` where its density is known for its own
  /// draws only.
  ///
  /// The density of a reparameterised draw under it has the gradient along the path alone (Roeder et al. 2017).
  var detached: (any Distribution)? { get }

  /// The divergence from this distribution to another in closed form, of shape [...], or `nil` where none is known.
  ///
  /// Ask `kullbackLeibler(from:to:)` instead; this is where each distribution registers what it knows.
  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor?
}

extension Distribution {
  /// Draws by `sample` and measures the draw by `logProbability`: right for every distribution whose density is known
  /// at any point, and so the default.
  public func sampleWithLogProbability(count: Int?) -> (sample: Tensor, logProbability: Tensor) {
    let draw = sample(count: count)
    return (draw, logProbability(draw))
  }

  /// `nil`, the default: the density is not known apart from the draws that it is of.
  public var detached: (any Distribution)? { nil }

  /// `nil`, the default: no closed form is known to any other distribution, so that the divergence is sampled.
  public func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? { nil }
}

/// A distribution whose D dimensions are independent.
public protocol FactorizedDistribution: Distribution {
  /// log p(x_d) for each dimension, of shape [..., D].
  func elementLogProbability(_ x: Tensor) -> Tensor

  /// The divergence of each dimension in closed form, of shape [..., D], or `nil` where none is known.
  func elementKullbackLeibler(to other: any Distribution) -> Tensor?
}

extension FactorizedDistribution {
  /// log p(x), of shape [...], in nats: independent dimensions add up.
  public func logProbability(_ x: Tensor) -> Tensor { elementLogProbability(x).sum([-1]) }

  /// `nil`, the default: no closed form is known, so that the divergence is sampled.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? { nil }

  /// The divergence of shape [...], in nats: that of independent dimensions adds up; `nil` where theirs is not known.
  public func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    elementKullbackLeibler(to: other)?.sum([-1])
  }
}

/// KL(q || p) in closed form, of shape [...], in nats, or `nil` where none is known and it must be sampled.
public func kullbackLeibler(from q: any Distribution, to p: any Distribution) -> Tensor? {
  q.closedFormKullbackLeibler(to: p)
}

/// KL(q_d || p_d) of each dimension in closed form, of shape [..., D], in nats, or `nil` where the divergence is not known or
/// is no sum over dimensions.
public func elementKullbackLeibler(from q: any Distribution, to p: any Distribution) -> Tensor? {
  (q as? any FactorizedDistribution)?.elementKullbackLeibler(to: p)
}
