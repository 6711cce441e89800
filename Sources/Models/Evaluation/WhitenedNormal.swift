import Foundation

/// A weighted normal distribution with its covariance factorised, for densities of eight points at a time.
struct WhitenedNormal: Sendable, Equatable {
  let mean: [Double]
  /// The inverse of the covariance's lower triangle row by row (i + 1 numbers in row i), or of the deviations.
  private let inverse: [Double]
  /// The covariance's lower triangle in row-major order, or the deviations.
  private let lower: [Double]
  private let isDiagonal: Bool
  /// The logarithm of the weight times the density at the mean.
  private let height: Double

  /// Factorises a component; nil when its covariance is not positive definite.
  init?(_ component: GaussianMixture.Component, _ covariance: GaussianMixture.Covariance) {
    let width = component.mean.count
    mean = component.mean
    let diagonal: [Double]
    switch covariance {
    case .diagonal:
      guard component.covariance.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
      isDiagonal = true
      lower = component.covariance.map { $0.squareRoot() }
      inverse = lower.map { 1 / $0 }
      diagonal = inverse
    case .full:
      guard let factor = Cholesky(component.covariance, size: width) else { return nil }
      isDiagonal = false
      lower = factor.lower
      let square = factor.inverseLower
      inverse = (0..<width).flatMap { i in square[i * width...i * width + i] }
      diagonal = (0..<width).map { square[$0 * width + $0] }
    }
    height = log(component.weight) + diagonal.reduce(0) { $0 + log($1) } - 0.5 * Double(width) * log(2 * .pi)
  }

  /// The trace of the inverse covariance.
  var precisionTrace: Double { inverse.reduce(0) { $0 + $1 * $1 } }

  /// The logarithms of the weight times the density of eight points, given latent by latent.
  func logDensity(_ points: [SIMD8<Double>]) -> SIMD8<Double> {
    points.withUnsafeBufferPointer { logDensity($0) }
  }

  /// The logarithms of the weight times the density of eight points, given latent by latent.
  func logDensity(_ points: UnsafeBufferPointer<SIMD8<Double>>) -> SIMD8<Double> {
    var squares = SIMD8<Double>.zero
    inverse.withUnsafeBufferPointer { inverse in
      mean.withUnsafeBufferPointer { mean in
        if isDiagonal {
          for i in mean.indices {
            let scaled = (points[i] - mean[i]) * inverse[i]
            squares += scaled * scaled
          }
          return
        }
        var place = 0
        for i in mean.indices {
          var sum = SIMD8<Double>.zero
          for j in 0...i {
            sum += (points[j] - mean[j]) * inverse[place]
            place += 1
          }
          squares += sum * sum
        }
      }
    }
    return height - 0.5 * squares
  }

  /// Turns independent standard normal numbers into a deviation from the mean.
  func coloured(_ noise: [Double]) -> [Double] {
    if isDiagonal { return zip(noise, lower).map { $0 * $1 } }
    let width = noise.count
    return (0..<width).map { i in (0...i).reduce(0) { $0 + lower[i * width + $1] * noise[$1] } }
  }
}
