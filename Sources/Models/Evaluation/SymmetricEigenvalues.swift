import Foundation
import LatentDiagnostics

/// The eigenvalues of a symmetric matrix, by Householder reflections to three diagonals and then QL steps with implicit shifts.
///
/// Source: Golub, Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3.
///
/// - Parameter matrix: row-major; the lower triangle is read.
/// - Returns: `size` numbers in no order.
func symmetricEigenvalues(_ matrix: [Double], size: Int) -> [Double] {
  require(matrix.count == size * size, "\(matrix.count) numbers are no matrix of \(size) rows")
  var (diagonal, beside) = tridiagonal(matrix, size)
  for first in 0..<size {
    // A step takes a number off its neighbours in two or three rounds; sixty are never reached by finite numbers.
    for _ in 0..<60 {
      // The first place at or after which the matrix falls apart.
      let end =
        (first..<(size - 1)).first { place in
          abs(beside[place]) <= .ulpOfOne * (abs(diagonal[place]) + abs(diagonal[place + 1]))
        } ?? size - 1
      if end == first { break }
      sweep(&diagonal, &beside, first, end)
    }
  }
  return diagonal
}

/// One QL step on the part of a matrix from a first to a last place.
private func sweep(_ diagonal: inout [Double], _ beside: inout [Double], _ first: Int, _ end: Int) {
  let slope = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first])
  let length = (slope * slope + 1).squareRoot()
  var shift = diagonal[end] - diagonal[first] + beside[first] / (slope + (slope < 0 ? -length : length))
  var (sine, cosine, carried) = (1.0, 1.0, 0.0)
  for place in stride(from: end - 1, through: first, by: -1) {
    let (f, b) = (sine * beside[place], cosine * beside[place])
    let radius = (f * f + shift * shift).squareRoot()
    beside[place + 1] = radius
    guard radius > 0 else {
      diagonal[place + 1] -= carried
      beside[end] = 0
      return
    }
    (sine, cosine) = (f / radius, shift / radius)
    let difference = diagonal[place + 1] - carried
    let twist = (diagonal[place] - difference) * sine + 2 * cosine * b
    carried = sine * twist
    diagonal[place + 1] = difference + carried
    shift = cosine * twist - b
  }
  diagonal[first] -= carried
  beside[first] = shift
  beside[end] = 0
}

/// The diagonal, and what stands beside it (one place more than there is), of a similar matrix of three diagonals.
private func tridiagonal(_ matrix: [Double], _ size: Int) -> ([Double], [Double]) {
  var a = matrix
  var beside = [Double](repeating: 0, count: size)
  for column in 0..<max(0, size - 2) {
    let rows = (column + 1)..<size
    let norm = rows.reduce(0.0) { $0 + a[$1 * size + column] * a[$1 * size + column] }.squareRoot()
    let head = a[(column + 1) * size + column]
    beside[column] = head > 0 ? -norm : norm
    guard norm > 0 else { continue }
    var v = rows.map { a[$0 * size + column] }
    v[0] -= beside[column]
    let scale = v.reduce(0) { $0 + $1 * $1 }
    guard scale > 0 else { continue }
    // A - v w' - w v' with w = p - (p'v / v'v) v, p = 2 A v / v'v, in the lower triangle.
    let count = v.count
    var p = [Double](repeating: 0, count: count)
    for i in 0..<count {
      let row = (column + 1 + i) * size + column + 1
      for j in 0..<i {
        p[i] += a[row + j] * v[j]
        p[j] += a[row + j] * v[i]
      }
      p[i] += a[row + i] * v[i]
    }
    for i in 0..<count { p[i] *= 2 / scale }
    let share = zip(p, v).reduce(0) { $0 + $1.0 * $1.1 } / scale
    for i in 0..<count { p[i] -= share * v[i] }
    for i in 0..<count {
      let row = (column + 1 + i) * size + column + 1
      for j in 0...i { a[row + j] -= v[i] * p[j] + p[i] * v[j] }
    }
  }
  if size > 1 { beside[size - 2] = a[(size - 1) * size + size - 2] }
  return ((0..<size).map { a[$0 * size + $0] }, beside)
}
