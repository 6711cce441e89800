import LatentDiagnostics
import Foundation

/// The lower triangle L of a symmetric positive definite matrix A = L L^T, in double precision.
struct Cholesky: Sendable, Equatable {
  /// The number of rows.
  let size: Int
  /// L in row-major order, `size * size`, zero above the diagonal.
  let lower: [Double]

  /// Factorises a matrix of `size * size` numbers, of which only the lower triangle is read; nil when it is not positive
  /// definite in this precision.
  init?(_ matrix: [Double], size: Int) {
    require(matrix.count == size * size, "\(matrix.count) numbers are not a square matrix of \(size) rows")
    var l = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        var sum = matrix[i * size + j]
        for k in 0..<j { sum -= l[i * size + k] * l[j * size + k] }
        if i == j {
          guard sum > 0, sum.isFinite else { return nil }
          l[i * size + i] = sum.squareRoot()
        } else {
          l[i * size + j] = sum / l[j * size + j]
        }
      }
    }
    self.size = size
    lower = l
  }

  /// The solution x of A x = b.
  func solve(_ b: [Double]) -> [Double] {
    var x = b
    for i in 0..<size {
      for k in 0..<i { x[i] -= lower[i * size + k] * x[k] }
      x[i] /= lower[i * size + i]
    }
    for i in (0..<size).reversed() {
      for k in i + 1..<max(size, i + 1) { x[i] -= lower[k * size + i] * x[k] }
      x[i] /= lower[i * size + i]
    }
    return x
  }

  /// The inverse of L, in row-major order.
  var inverseLower: [Double] {
    var inverse = [Double](repeating: 0, count: size * size)
    for column in 0..<size {
      for i in column..<size {
        var sum = i == column ? 1.0 : 0
        for k in column..<i { sum -= lower[i * size + k] * inverse[k * size + column] }
        inverse[i * size + column] = sum / lower[i * size + i]
      }
    }
    return inverse
  }
}
