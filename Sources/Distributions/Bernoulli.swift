import TensorGraph

/// Independent coins; values in [0, 1] count as expectations of such coins.
public struct Bernoulli: Distribution {
  /// log(p / (1 - p)), [..., D].
  public let logits: Tensor

  /// Creates a distribution from its logits.
  public init(logits: Tensor) { self.logits = logits }

  /// sum (x log p + (1 - x) log(1 - p)), from the logits without overflow.
  public func logProbability(_ x: Tensor) -> Tensor { -logits.binaryCrossEntropy(targets: x).sum([-1]) }

  /// Zeros and ones; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let shape = Shape((count.map { [$0] } ?? []) + logits.shape.dimensions)
    let draws = logits.graph.random(.uniform, shape: shape, type: logits.type)
    return draws.compare(.less, logits.logistic()).converted(to: logits.type)
  }

  /// The probabilities.
  public var mean: Tensor { logits.logistic() }

  /// Registered: to another Bernoulli.
  public func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    guard let other = other as? Bernoulli else { return nil }
    let p = mean
    let heads = p * (logits.logLogistic() - other.logits.logLogistic())
    let tails = (1 - p) * ((-logits).logLogistic() - (-other.logits).logLogistic())
    return (heads + tails).sum([-1])
  }
}
