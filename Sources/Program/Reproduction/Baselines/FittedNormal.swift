import Foundation

/// A Normal distribution with full covariance, fitted to draws; in double precision.
struct FittedNormal {
  /// The mean.
  let mean: [Double]
  /// The lower Cholesky factor of the covariance, row after row.
  let factor: [[Double]]

  /// Fits mean and covariance; the covariance gets a millionth of its largest variance added to its diagonal, so that
  /// draws that lie in a plane have a density too.
  init(_ draws: [[Double]]) {
    let count = Double(draws.count)
    let size = draws[0].count
    let mean = (0..<size).map { column in draws.reduce(0) { $0 + $1[column] } / count }
    var matrix = (0..<size).map { i in
      (0..<size).map { j in draws.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) } / count }
    }
    let ridge = max(1e-12, 1e-6 * ((0..<size).map { matrix[$0][$0] }.max() ?? 0))
    for i in 0..<size {
      matrix[i][i] += ridge
      for j in 0...i {
        let rest = (0..<j).reduce(matrix[i][j]) { $0 - matrix[i][$1] * matrix[j][$1] }
        matrix[i][j] = i == j ? max(rest, ridge / 2).squareRoot() : rest / matrix[j][j]
      }
    }
    self.mean = mean
    factor = matrix
  }

  /// The logarithm of the density at a point.
  func logProbability(_ x: [Double]) -> Double {
    var whitened = [Double](repeating: 0, count: mean.count)
    var sum = 0.0
    for i in mean.indices {
      let rest = (0..<i).reduce(x[i] - mean[i]) { $0 - factor[i][$1] * whitened[$1] }
      whitened[i] = rest / factor[i][i]
      sum += whitened[i] * whitened[i] + 2 * log(factor[i][i]) + log(2 * .pi)
    }
    return -0.5 * sum
  }
}
