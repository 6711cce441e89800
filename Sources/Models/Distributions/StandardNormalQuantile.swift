import Foundation

/// The inverse of the standard normal distribution function, for probabilities strictly between 0 and 1.
///
/// Acklam's rational approximation starts it off (relative error 1.2e-9), one step of Halley's method finishes it.
public func standardNormalQuantile(_ probability: Double) -> Double {
  guard probability > 0, probability < 1 else { return probability <= 0 ? -.infinity : .infinity }
  let start = rationalQuantile(probability)
  let error = 0.5 * erfc(-start / 2.0.squareRoot()) - probability
  let step = error * (2 * Double.pi).squareRoot() * exp(start * start / 2)
  return start - step / (1 + start * step / 2)
}

private func rationalQuantile(_ p: Double) -> Double {
  func polynomial(_ x: Double, _ coefficients: [Double]) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
  let tail = 0.02425
  if p < tail || p > 1 - tail {
    let q = (-2 * log(min(p, 1 - p))).squareRoot()
    let value =
      polynomial(
        q,
        [
          -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968,
          2.938163982698783,
        ])
      / polynomial(
        q, [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1])
    return p < tail ? value : -value
  }
  let q = p - 0.5
  let r = q * q
  return q
    * polynomial(
      r,
      [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239,
      ])
    / polynomial(
      r,
      [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598874e+02, 6.680131188771972e+01,
        -1.328068155288572e+01, 1,
      ])
}
