import LatentDiagnostics
import Foundation
import LatentTensorGraph

/// Logistic distributions rounded to equally spaced levels from 0 to 1, with independent dimensions.
///
/// The levels are k / (levels - 1). Each has the mass of the bin around it; the bins of 0 and 1 are open to their sides.
/// (Kingma et al. 2016; Salimans et al. 2017, equation 2.) The papers' data lie in [-1, 1]; means and scales here are in
/// units of [0, 1], half as large, which leaves the probabilities as they are.
public struct DiscretizedLogistic: FactorizedDistribution {
  /// The means before rounding, [..., D].
  public let location: Tensor
  /// The natural logarithms of the scales before rounding; broadcasts with the means. Values below -7 - log 2, which
  /// are -7 in units of [-1, 1], count as that and get no gradient.
  public let logScale: Tensor
  /// The number of levels.
  public let levels: Int

  /// Creates a distribution from means and log-scales, both in units of [0, 1].
  ///
  /// - Precondition: there are at least two levels.
  public init(mean: Tensor, logScale: Tensor, levels: Int) {
    require(levels >= 2, "a discretised logistic distribution has at least two levels, not \(levels)")
    location = mean
    self.logScale = logScale
    self.levels = levels
  }

  /// The mass of the bin of width 1 / (levels - 1) around x, exact however small it is.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    let halfWidth = 0.5 / Double(levels - 1)
    return logisticBinLogProbability(
      offset: x - location, logScale: boundedLogScale, halfWidth: halfWidth,
      isLowest: x.compare(.less, halfWidth), isHighest: x.compare(.greater, 1 - halfWidth))
  }

  /// Logistic numbers, rounded to a level; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let noise = location.graph.logisticNoise(shape: location.shape.draws(count), type: location.type)
    let steps = Double(levels - 1)
    return ((location + boundedLogScale.exp() * noise) * steps).round().clamped(0, steps) / steps
  }

  /// The mean before rounding, confined to [0, 1]: near the expectation unless much of the mass lies beyond an end.
  public var mean: Tensor { location.clamped(0, 1) }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    DiscretizedLogistic(mean: location.stopGradient(), logScale: logScale.stopGradient(), levels: levels)
  }

  private var boundedLogScale: Tensor { logScale.maximum(smallestLogScale - Foundation.log(2)) }
}

/// The least logarithm of a scale, for data in [-1, 1].
let smallestLogScale = -7.0

/// The logarithm of a logistic distribution's mass in bins of equal width, of which the outermost two are open.
///
/// With a and b the bin's ends, standardised, s(a) - s(b) = s(a) s(-b) (1 - e^(b - a)). No factor cancels or underflows
/// before its logarithm is taken, so that the authors' fall-back, the density times the width, is not needed; for narrow
/// bins this is that.
///
/// - Parameters:
///   - offset: the middle of the bin minus the mean.
///   - logScale: the logarithm of the scale; broadcasts with the offset.
///   - halfWidth: half the width of a bin.
///   - isLowest: where the bin goes down to minus infinity.
///   - isHighest: where the bin goes up to infinity.
func logisticBinLogProbability(
  offset: Tensor, logScale: Tensor, halfWidth: Double, isLowest: Tensor, isHighest: Tensor
) -> Tensor {
  let zero = offset.scalar(0)
  let inverseScale = (-logScale).exp()
  let upper = (offset + halfWidth) * inverseScale
  let lower = (offset - halfWidth) * inverseScale
  let width = (-(inverseScale * (-2 * halfWidth)).expm1()).log()
  let inside = (isLowest | isHighest).select(zero, width)
  return isHighest.select(zero, upper.logLogistic()) + isLowest.select(zero, (-lower).logLogistic()) + inside
}
