import LatentTensorGraph

/// Independent coins; values in [0, 1] count as expectations of such coins.
public struct Bernoulli: FactorizedDistribution {
  /// log(p / (1 - p)), [..., D].
  public let logits: Tensor

  /// Creates a distribution from its logits.
  public init(logits: Tensor) { self.logits = logits }

  /// x log p + (1 - x) log(1 - p), from the logits without overflow.
  public func elementLogProbability(_ x: Tensor) -> Tensor { -logits.binaryCrossEntropy(targets: x) }

  /// Zeros and ones; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let shape = Shape((count.map { [$0] } ?? []) + logits.shape.dimensions)
    let draws = logits.graph.random(.uniform, shape: shape, type: logits.type)
    return draws.compare(.less, logits.logistic()).converted(to: logits.type)
  }

  /// The probabilities of a one, [..., D], logistic(logits).
  public var mean: Tensor { logits.logistic() }

  /// The same with logits to which no gradient flows.
  public var detached: (any Distribution)? { Bernoulli(logits: logits.stopGradient()) }

  /// The divergence of each dimension, [..., D], in nats, to another Bernoulli; `nil` to anything else.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    guard let other = other as? Bernoulli else { return nil }
    let p = mean
    let heads = p * (logits.logLogistic() - other.logits.logLogistic())
    let tails = (1 - p) * ((-logits).logLogistic() - (-other.logits).logLogistic())
    return heads + tails
  }
}
