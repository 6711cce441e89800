import TensorGraph

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

  /// The expectation, of shape [..., D].
  var mean: Tensor { get }

  /// The divergence from this distribution to another in closed form, of shape [...], or `nil` where none is known.
  ///
  /// Ask `kullbackLeibler(from:to:)` instead; this is where each distribution registers what it knows.
  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor?
}

/// KL(q || p) in closed form, of shape [...], in nats, or `nil` where none is known and it must be sampled.
public func kullbackLeibler(from q: any Distribution, to p: any Distribution) -> Tensor? {
  q.closedFormKullbackLeibler(to: p)
}
