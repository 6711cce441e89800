import LatentDiagnostics
import LatentTensorGraph

extension Tensor {
  /// One draw for each element from the Gamma distribution with that shape parameter and scale 1; no gradient flows.
  ///
  /// By `logGammaDraws`, which is the one to take where a shape is so small that draws underflow.
  public func gammaDraws() -> Tensor { stopGradient().log().logGammaDraws().exp() }

  /// One draw for each element from the Beta distribution whose parameters are that element and another's; no gradient
  /// flows.
  ///
  /// From the logarithms of two Gamma draws, so that small parameters, whose draws lie close to 0 and 1, make no 0 / 0.
  ///
  /// - Precondition: the shapes broadcast.
  public func betaDraws(_ other: Tensor) -> Tensor {
    guard let common = shape.broadcast(with: other.shape) else {
      stop("the parameters' shapes \(shape) and \(other.shape) do not broadcast")
    }
    let (first, second) = (stopGradient().broadcast(to: common), other.stopGradient().broadcast(to: common))
    return (first.log().logGammaDraws() - second.log().logGammaDraws()).logistic()
  }

  /// One draw for each vector of concentrations [..., K] from its Dirichlet distribution; no gradient flows.
  ///
  /// From the logarithms of Gamma draws, so that small concentrations make no 0 / 0.
  public func dirichletDraws() -> Tensor { stopGradient().log().logGammaDraws().softmax(-1) }

  /// One int32 draw for each vector of logits [..., K]: the place of the largest sum with Gumbel noise (Gumbel 1954).
  public func categoricalDraws() -> Tensor {
    (stopGradient() + graph.gumbelNoise(shape: shape, type: type)).argumentMaximum(-1)
  }
}
