import Foundation
import LatentTensorGraph

/// Independent numbers whose logits, after a map that keeps them from both ends, have Laplace distributions (Ramesh et al. 2021,
/// appendix A.3).
///
/// A value x in [0, 1] is mapped to 0.1 + 0.8 x, which lies well within (0, 1). The density is one of x; a little of it lies beyond
/// 0 and 1, as far as -0.125 and 1.125.
public struct LogitLaplace: FactorizedDistribution {
  /// The medians of the logits, [..., D].
  public let location: Tensor
  /// The natural logarithms of the logits' scales; broadcasts with the medians.
  public let logScale: Tensor

  /// Where the map puts 0, and what it leaves of the interval.
  private static let (margin, share) = (0.1, 0.8)

  /// Where the map puts a value of [0, 1].
  package static func mapped(_ value: Double) -> Double { margin + share * value }

  /// Creates a distribution from its parameters.
  public init(location: Tensor, logScale: Tensor) {
    self.location = location
    self.logScale = logScale
  }

  /// log 0.8 - log(2 b y (1 - y)) - |logit y - m| / b with y = 0.1 + 0.8 x, of shape [..., D], in nats.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    // Beyond the support, where nothing is drawn and no data are, the ends count.
    let y = (x * Self.share + Self.margin).clamped(1e-6, 1 - 1e-6)
    let (one, other) = (y.log(), (1 - y).log())
    let laplace = Laplace(mean: location, logScale: logScale).elementLogProbability(one - other)
    return laplace - one - other + Foundation.log(Self.share)
  }

  /// The logistic of a Laplace draw, mapped back; gradients flow.
  public func sample(count: Int?) -> Tensor {
    Self.unmapped(Laplace(mean: location, logScale: logScale).sample(count: count))
  }

  /// The median, kept within [0, 1], which is near the expectation: that has no closed form.
  public var mean: Tensor { Self.unmapped(location).clamped(0, 1) }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    LogitLaplace(location: location.stopGradient(), logScale: logScale.stopGradient())
  }

  /// Registered: to another one, that of the logits' Laplace distributions.
  public func elementKullbackLeibler(to other: any Distribution) -> Tensor? {
    guard let other = other as? LogitLaplace else { return nil }
    return Laplace(mean: location, logScale: logScale)
      .elementKullbackLeibler(to: Laplace(mean: other.location, logScale: other.logScale))
  }

  private static func unmapped(_ logits: Tensor) -> Tensor { (logits.logistic() - margin) / share }
}
