import LatentDiagnostics
import LatentTensorGraph

/// Independent choices among K values 0, step, 2 step, ...: grey levels, with step 1/255, or tokens, with step 1.
public struct Categorical: FactorizedDistribution {
  /// Logarithms of the probabilities up to a constant, [..., D, K].
  public let logits: Tensor
  /// How far apart neighbouring values are.
  public let step: Double

  /// Creates a distribution from its logits.
  ///
  /// - Precondition: the logits have at least two dimensions, and the step is positive.
  public init(logits: Tensor, step: Double) {
    require(logits.rank >= 2, "categorical logits have shape [..., D, K], not \(logits.shape)")
    require(step > 0, "the values of a categorical distribution are apart: step \(step)")
    self.logits = logits
    self.step = step
  }

  /// The log-probability of the value nearest to x; what lies outside counts as the first or the last value.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    let index = (x / step).round().clamped(0, Double(logits.shape[-1] - 1))
    // A comparison and a sum, which is one loop; a gather, and the scatter in its gradient, would be steps of their own.
    let isChosen = index.expandingDimension(-1).compare(.equal, places)
    return isChosen.select(logits, logits.scalar(0)).sum([-1]) - logits.logSumExp([-1])
  }

  /// The value whose logit plus Gumbel noise is largest; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let noise = logits.graph.gumbelNoise(shape: logits.shape.draws(count), type: logits.type)
    return (logits + noise).argumentMaximum(-1).converted(to: logits.type) * step
  }

  /// The expected values, [..., D], in the unit of the data (grey levels in [0, 1], or tokens): each level times its
  /// probability.
  public var mean: Tensor { (logits.softmax() * places).sum([-1]) * step }

  /// The same with logits to which no gradient flows.
  public var detached: (any Distribution)? { Categorical(logits: logits.stopGradient(), step: step) }

  /// Registered: to another Categorical over the same values.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    guard let other = other as? Categorical, other.step == step, other.logits.shape[-1] == logits.shape[-1] else {
      return nil
    }
    let logProbabilities = logits.logSoftmax()
    return (logProbabilities.exp() * (logProbabilities - other.logits.logSoftmax())).sum([-1])
  }

  /// 0, 1, ..., K - 1.
  private var places: Tensor {
    logits.graph.iota(shape: Shape([logits.shape[-1]]), dimension: 0, type: logits.type)
  }
}
