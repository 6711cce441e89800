import Foundation

/// Data from a linear-Gaussian model and the exact likelihoods that go with it (Tipping & Bishop 1999).
public struct LinearGaussian: Sendable {
  /// Examples of `dimensions` numbers, row after row.
  public let rows: [[Double]]
  /// Their mean.
  public let mean: [Double]
  /// Their covariance, dividing by the count.
  public let covariance: [[Double]]

  /// Describes examples.
  public init(rows: [[Double]]) {
    self.rows = rows
    let count = Double(rows.count)
    let size = rows[0].count
    let mean = (0..<size).map { column in rows.reduce(0) { $0 + $1[column] } / count }
    covariance = (0..<size).map { i in
      (0..<size).map { j in rows.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) } / count }
    }
    self.mean = mean
  }

  /// The highest mean log-likelihood that any linear-Gaussian model with that many latents can reach, in nats.
  public func principalComponentLikelihood(latents: Int) -> Double {
    let values = eigenvalues(covariance)
    let size = Double(values.count)
    let noise = values.dropFirst(latents).reduce(0, +) / Double(values.count - latents)
    let logDeterminant = values.prefix(latents).reduce(0) { $0 + log($1) } + Double(values.count - latents) * log(noise)
    return -0.5 * (size * log(2 * .pi) + logDeterminant + size)
  }

  /// The mean log-likelihood of the examples under x ~ N(offset, W^T W + noise I), in nats; W is [latents][dimensions].
  public func likelihood(weights: [[Double]], offset: [Double], noise: Double) -> Double {
    let size = offset.count
    var model = (0..<size).map { i in
      (0..<size).map { j in weights.reduce(i == j ? noise : 0) { $0 + $1[i] * $1[j] } }
    }
    let logDeterminant = choleskyInPlace(&model)
    let total = rows.reduce(0.0) { sum, row in
      // Solves L y = x - offset; the quadratic form is |y|^2.
      var y = [Double](repeating: 0, count: size)
      for i in 0..<size {
        let rest = (0..<i).reduce(row[i] - offset[i]) { $0 - model[i][$1] * y[$1] }
        y[i] = rest / model[i][i]
      }
      return sum + y.reduce(0) { $0 + $1 * $1 }
    }
    return -0.5 * (Double(size) * log(2 * .pi) + logDeterminant + total / Double(rows.count))
  }
}

/// Replaces a symmetric matrix by its lower Cholesky factor and returns the logarithm of its determinant.
private func choleskyInPlace(_ matrix: inout [[Double]]) -> Double {
  var logDeterminant = 0.0
  for i in matrix.indices {
    for j in 0...i {
      let rest = (0..<j).reduce(matrix[i][j]) { $0 - matrix[i][$1] * matrix[j][$1] }
      matrix[i][j] = i == j ? rest.squareRoot() : rest / matrix[j][j]
    }
    logDeterminant += 2 * log(matrix[i][i])
  }
  return logDeterminant
}

/// The eigenvalues of a symmetric matrix, largest first, by Jacobi's rotations.
func eigenvalues(_ matrix: [[Double]]) -> [Double] {
  var a = matrix
  let size = a.count
  for _ in 0..<60 {
    for p in 0..<size {
      for q in (p + 1)..<max(p + 1, size) where abs(a[p][q]) > 1e-15 {
        let angle = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p])
        let (c, s) = (cos(angle), sin(angle))
        for k in 0..<size { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
        for k in 0..<size { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
      }
    }
  }
  return (0..<size).map { a[$0][$0] }.sorted(by: >)
}
