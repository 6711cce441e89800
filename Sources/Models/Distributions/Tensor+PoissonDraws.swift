import Foundation
import LatentTensorGraph

extension Tensor {
  /// One Poisson draw for each element, of which this is the logarithm of the rate; no gradient flows.
  ///
  /// Rates below 10 go by inversion, others by transformed rejection; neither gives up with a probability of 1e-9 or more.
  /// Above 2^24 neighbouring counts are the same float32.
  public func poissonDraws() -> Tensor {
    let isSmall = compare(.less, Foundation.log(largestInvertedRate))
    let boundary = scalar(Foundation.log(largestInvertedRate))
    return isSmall.select(
      isSmall.select(self, boundary).invertedPoissonDraws(),
      isSmall.select(boundary, self).transformedRejectionPoissonDraws())
  }

  /// How many of the probabilities P(X <= k) for k = 0, ..., 34 a uniform number is not below.
  ///
  /// A Poisson number with a rate of 10 is above 35 with probability 2e-10. The uniform number has 24 bits.
  private func invertedPoissonDraws() -> Tensor {
    let rate = exp()
    var probability = (-rate).exp()
    var rest = graph.random(.uniform, shape: shape, type: type) - probability
    var count = rest.compare(.greaterOrEqual, 0).select(scalar(1), scalar(0))
    for k in 1..<35 {
      probability = probability * (rate * (1 / Double(k)))
      rest = rest - probability
      count = rest.compare(.greaterOrEqual, 0).select(scalar(Double(k + 1)), count)
    }
    return count
  }

  /// Hoermann's algorithm PTRS ("The transformed rejection method for generating Poisson random variables", 1993) without
  /// its short cuts, for rates from 10 on.
  ///
  /// At a rate of 10 a proposal is accepted with probability 0.753, at larger ones more often. All 16 fail with
  /// probability 2e-10; then the draw is the rate, rounded down.
  private func transformedRejectionPoissonDraws() -> Tensor {
    let rate = exp()
    let b = (self * 0.5).exp() * 2.53 + 0.931
    let a = b * 0.02483 - 0.059
    let logInverseAcceptance = (1.1328 / (b - 3.4) + 1.1239).log()
    let proposals = Shape([16] + shape.dimensions)
    let place = graph.openUniform(shape: proposals, type: type) - 0.5
    let height = graph.openUniform(shape: proposals, type: type)
    let margin = 0.5 - place.absoluteValue()
    let count = ((2 * a / margin + b) * place + rate + 0.43).floor()
    let logDensity = Poisson(logRate: self).elementLogProbability(count.maximum(0))
    let logHat = height.log() + logInverseAcceptance - (a / margin.squared() + b).log()
    let isAccepted = count.compare(.greaterOrEqual, 0) & logHat.compare(.lessOrEqual, logDensity)
    return count.firstAccepted(isAccepted, otherwise: rate.floor())
  }
}

/// The rate from which on rejection takes over; the algorithm asks for at least 10.
private let largestInvertedRate = 10.0
