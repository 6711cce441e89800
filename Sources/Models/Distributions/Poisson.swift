import Foundation
import LatentTensorGraph

/// Poisson distributions of counts with independent dimensions.
public struct Poisson: FactorizedDistribution {
  /// The natural logarithms of the rates, [..., D].
  public let logRate: Tensor

  /// Creates a distribution from its log-rates.
  public init(logRate: Tensor) { self.logRate = logRate }

  /// x log l - l - log x!, with Stirling's formula for x! worked in (Loader 2000): for large counts the terms agree in all
  /// their leading digits, while x (l/x - 1 - log(l/x)) + log(2 pi x) / 2 and what Stirling's formula lacks are small.
  ///
  /// - Parameter x: counts; numbers between them have the value of the same formula.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    let isPositive = x.compare(.greater, 0)
    let counts = isPositive.select(x, x.scalar(1))
    let logCounts = counts.log()
    let logRatio = logRate - logCounts
    let deviance = counts * (logRatio.expm1() - logRatio)
    let logRoot = (logCounts + Foundation.log(2 * Double.pi)) * 0.5
    return isPositive.select(-deviance - logRoot - counts.stirlingError(), -logRate.exp())
  }

  /// Counts, as described at `poissonDraws`; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    logRate.stopGradient().broadcast(to: logRate.shape.draws(count)).poissonDraws()
  }

  /// The expected counts, [..., D]: the rates, exp(logRate).
  public var mean: Tensor { logRate.exp() }

  /// The same with rates to which no gradient flows.
  public var detached: (any Distribution)? { Poisson(logRate: logRate.stopGradient()) }

  /// The divergence of each dimension, [..., D], in nats, to another Poisson; `nil` to anything else.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    guard let other = other as? Poisson else { return nil }
    let logRatio = other.logRate - logRate
    return logRate.exp() * (logRatio.expm1() - logRatio)
  }
}
