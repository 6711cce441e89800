import Foundation
import LatentTensorGraph

/// Negative binomial distributions of counts with independent dimensions: Poisson, with rates that are Gamma distributed.
///
/// With mean m and inverse dispersion r the variance is m + m^2 / r (Lopez et al. 2018, "scVI"); for large r the
/// distribution is Poisson.
public struct NegativeBinomial: FactorizedDistribution {
  /// The natural logarithms of the means, [..., D].
  public let logMean: Tensor
  /// The natural logarithms of the inverse dispersions r; broadcasts with the means, such as [D] for one for each gene.
  public let logDispersion: Tensor

  /// Creates a distribution from its log-means and the logarithms of its inverse dispersions.
  public init(logMean: Tensor, logDispersion: Tensor) {
    self.logMean = logMean
    self.logDispersion = logDispersion
  }

  /// log gamma(x + r) - log gamma(r) - log x! + r log(r / (r + m)) + x log(m / (r + m)), with Stirling's formula worked in as
  /// in `Poisson`, so that neither large counts nor large r cost digits.
  ///
  /// - Parameter x: counts; numbers between them have the value of the same formula.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    let isPositive = x.compare(.greater, 0)
    let positive = positiveLogProbability(isPositive.select(x, x.scalar(1)))
    return isPositive.select(positive, zeroLogProbability)
  }

  /// A Poisson number with the mean times a Gamma number over r as its rate; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let shape = logMean.shape.draws(count)
    let logDispersion = self.logDispersion.stopGradient().broadcast(to: shape)
    return (logMean.stopGradient() - logDispersion + logDispersion.logGammaDraws()).poissonDraws()
  }

  /// The expected counts, [..., D], exp(logMean).
  public var mean: Tensor { logMean.exp() }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    NegativeBinomial(logMean: logMean.stopGradient(), logDispersion: logDispersion.stopGradient())
  }

  /// log p(0) = -r log(1 + m / r).
  var zeroLogProbability: Tensor { -(logDispersion.exp() * (logMean - logDispersion).softplus()) }

  /// log p(x) for x above zero.
  ///
  /// Of n = x + r, x and r are the shares w and 1 - w. The large terms make n times the divergence from a coin with
  /// probability w to one with probability m / (m + r).
  private func positiveLogProbability(_ x: Tensor) -> Tensor {
    let dispersion = logDispersion.exp()
    let logCount = x.log()
    let share = logCount - logDispersion
    let target = logMean - logDispersion
    let shift = logMean - logCount
    // Near the mode both logarithms are those of numbers near 1; far from it those might be 0 + 0.
    let isClose = shift.absoluteValue().compare(.less, 1)
    let near = isClose.select(shift, shift.scalar(0))
    let closeDeviance =
      dispersion * (share.logistic() * near.expm1()).log1p() + x * ((-share).logistic() * (-near).expm1()).log1p()
    let farDeviance =
      dispersion * (target.softplus() - share.softplus()) + x * ((-target).softplus() - (-share).softplus())
    let logRoot = (share.softplus() + logCount + Foundation.log(2 * Double.pi)) * 0.5
    let corrections = (x + dispersion).stirlingError() - dispersion.stirlingError() - x.stirlingError()
    return corrections - logRoot - isClose.select(closeDeviance, farDeviance)
  }
}
