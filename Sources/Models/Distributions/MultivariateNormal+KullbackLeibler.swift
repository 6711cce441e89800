import LatentTensorGraph

extension MultivariateNormal {
  /// Registered: to another, to a diagonal Normal, and to the standard Normal.
  public func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    switch other {
    case is StandardNormal:
      return divergence(variances: ((variances + mean.squared()) - 1).sum([-1]), logScale: nil)
    case let other as DiagonalNormal:
      let terms = (variances + (mean - other.mean).squared()) * (-other.logVariance).exp() - 1
      return divergence(variances: terms.sum([-1]), logScale: other.logDeterminant * 0.5)
    case let other as MultivariateNormal:
      let trace = other.whitening.timesMatrices(scale).squared().sum([-1, -2])
      return divergence(
        variances: trace + other.squaredDistance(from: mean) - Double(mean.shape[-1]), logScale: other.logScale)
    default: return nil
    }
  }

  /// KL(q || this) for a diagonal q.
  func divergence(from q: DiagonalNormal) -> Tensor {
    // tr(W S W^T) with a diagonal S: each variance times the squared length of its column of W.
    let trace = (whitening.squared().sum([-2]) * q.logVariance.exp()).sum([-1])
    return (trace + squaredDistance(from: q.mean) - q.logDeterminant - Double(mean.shape[-1])) * 0.5 + logScale
  }

  /// 1/2 (what the trace and the means give, less D) + 1/2 log det S_p - 1/2 log det S_q.
  private func divergence(variances: Tensor, logScale other: Tensor?) -> Tensor {
    let difference = other.map { $0 - logScale } ?? -logScale
    return variances * 0.5 + difference
  }

  /// (x - m)^T S^-1 (x - m).
  private func squaredDistance(from x: Tensor) -> Tensor { whitened(x - mean).squared().sum([-1]) }

  /// W with S^-1 = W^T W, lower-triangular.
  private var whitening: Tensor {
    switch form {
    case .covariance: factor.inverse()
    case .precision: factor.matrix
    }
  }

  /// A with S = A A^T, lower-triangular.
  private var scale: Tensor {
    switch form {
    case .covariance: factor.matrix
    case .precision: factor.inverse()
    }
  }

  /// The diagonal of S, [..., D].
  private var variances: Tensor { scale.squared().sum([-1]) }
}

extension DiagonalNormal {
  /// Registered: to a Normal with full covariance, and what `elementKullbackLeibler` knows.
  public func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    if let other = other as? MultivariateNormal { return other.divergence(from: self) }
    return elementKullbackLeibler(to: other)?.sum([-1])
  }

  /// log det S, [...]; the log-variances may have fewer dimensions than the means.
  fileprivate var logDeterminant: Tensor {
    logVariance.broadcast(to: mean.shape.broadcast(with: logVariance.shape) ?? mean.shape).sum([-1])
  }
}

extension StandardNormal {
  /// Registered: to a Normal with full covariance, and what `elementKullbackLeibler` knows.
  public func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    if let other = other as? MultivariateNormal {
      return other.divergence(from: DiagonalNormal(mean: mean, logVariance: mean))
    }
    return elementKullbackLeibler(to: other)?.sum([-1])
  }
}
