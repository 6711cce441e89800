import LatentTensorGraph

/// The continuous Bernoulli distribution on [0, 1] with independent dimensions (Loaiza-Ganem & Cunningham 2019).
///
/// Its density is exp(l x), normalised: the Bernoulli likelihood of grey values with the constant that it lacks. All
/// functions of the logit l that are 0/0 at l = 0 change to their Taylor series near it.
public struct ContinuousBernoulli: FactorizedDistribution {
  /// The natural parameters, l = log(p / (1 - p)), [..., D]; p is not the mean.
  public let logits: Tensor

  /// Creates a distribution from its logits.
  public init(logits: Tensor) { self.logits = logits }

  /// l (x - 1/2) - log((2 / l) sinh(l / 2)), which is the paper's density in terms of the logit.
  public func elementLogProbability(_ x: Tensor) -> Tensor { logits * (x - 0.5) - logNormalizer(logits) }

  /// The inverse of the distribution function, log(1 + u (e^l - 1)) / l, of a uniform number u; gradients flow.
  public func sample(count: Int?) -> Tensor {
    let uniform = logits.graph.openUniform(shape: logits.shape.draws(count), type: logits.type)
    let isNear = logits.absoluteValue().compare(.less, 0.2)
    let near = quantileNearZero(isNear.select(logits, logits.scalar(0)), uniform)
    // The distribution of -l is that of l mirrored, and with a negative logit no exponential overflows.
    let isNegative = logits.compare(.less, 0)
    let steepness = -isNear.select(logits.scalar(1), logits.absoluteValue())
    let place = isNegative.select(uniform, 1 - uniform).minimum(openUnitInterval.upperBound)
    let mirrored = (place * steepness.expm1()).log1p() / steepness
    return isNear.select(near, isNegative.select(mirrored, 1 - mirrored)).clamped(0, 1)
  }

  /// The expectation, [..., D]: 1 / (1 - e^-l) - 1 / l for logits l, which tends to 1/2 as l vanishes. It is not
  /// logistic(l), the parameter of the family.
  public var mean: Tensor {
    let isNear = logits.absoluteValue().compare(.less, 1)
    let near = isNear.select(logits, logits.scalar(0))
    let series = near * near.squared().polynomial([1 / 12, -1 / 720, 1 / 30_240, -1 / 1_209_600, 1 / 47_900_160])
    let far = isNear.select(logits.scalar(1), logits)
    return isNear.select(series, 0.5 / (far * 0.5).tanh() - 1 / far) + 0.5
  }

  /// The same with logits to which no gradient flows.
  public var detached: (any Distribution)? { ContinuousBernoulli(logits: logits.stopGradient()) }

  /// Registered: to another continuous Bernoulli, as for any exponential family.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    guard let other = other as? ContinuousBernoulli else { return nil }
    return (logits - other.logits) * (mean - 0.5) - logNormalizer(logits) + logNormalizer(other.logits)
  }
}

/// log((2 / l) sinh(l / 2)), which is l^2 / 24 - l^4 / 2880 + ... near zero.
private func logNormalizer(_ logits: Tensor) -> Tensor {
  let magnitude = logits.absoluteValue()
  let isNear = magnitude.compare(.less, 1)
  let square = isNear.select(logits.squared(), logits.scalar(0))
  let series = square * square.polynomial([1 / 24, -1 / 2880, 1 / 181_440, -1 / 9_676_800, 1 / 479_001_600])
  let far = isNear.select(logits.scalar(1), magnitude)
  return isNear.select(series, far * 0.5 + (-(-far).expm1() / far).log())
}

/// The first six terms of log(1 + u (e^l - 1)) / l in powers of l; log(1 + u (e^l - 1)) generates the cumulants of a coin with
/// probability u.
private func quantileNearZero(_ l: Tensor, _ u: Tensor) -> Tensor {
  let variance = u * (1 - u)
  let skew = 1 - u * 2
  // The second to the sixth cumulant, each divided by the variance and the factorial of its order.
  let terms = [
    u.scalar(0.5), skew * (1 / 6), variance.polynomial([1 / 24, -6 / 24]),
    skew * variance.polynomial([1 / 120, -12 / 120]), variance.polynomial([1 / 720, -30 / 720, 120 / 720]),
  ]
  return u + variance * l * terms.dropLast().reversed().reduce(terms[4]) { $0 * l + $1 }
}
