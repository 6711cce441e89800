import LatentDiagnostics
import LatentRandomness

/// The directions in which rows vary most, by orthogonal iteration.
package struct PrincipalComponents {
  private let means: [Double]
  /// One direction of unit length after another, the one of the largest variance first.
  package let directions: [[Double]]

  private static let iterations = 12

  /// Finds directions of rows, of which there must be two.
  ///
  /// - Parameter count: how many, at most the width of a row.
  package init(_ rows: CodeMatrix, count: Int, seed: UInt64) {
    require((1...rows.width).contains(count), "\(count) directions of \(rows.width) numbers")
    let means = rows.columnMeans
    let width = rows.width
    var random = RandomStream(seed: seed, name: "evaluation principal components")
    var directions = (0..<count).map { _ in random.nextNormals(width) }
    for _ in 0..<Self.iterations {
      Self.orthonormalize(&directions)
      directions = Self.timesCovariance(directions, rows, means)
    }
    Self.orthonormalize(&directions)
    (self.means, self.directions) = (means, directions)
  }

  /// Each row by how far it goes in each direction from the mean.
  package func projected(_ rows: CodeMatrix) -> CodeMatrix {
    var values: [Float] = []
    values.reserveCapacity(rows.count * directions.count)
    for row in 0..<rows.count {
      let centred = zip(rows.row(row), means).map { Double($0) - $1 }
      for direction in directions { values.append(Float(Self.dot(centred, direction))) }
    }
    return CodeMatrix(values, width: directions.count)
  }

  private static func dot(_ left: [Double], _ right: [Double]) -> Double {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        var sum = 0.0
        for place in 0..<left.count { sum += left[place] * right[place] }
        return sum
      }
    }
  }

  /// The sum over the rows of each row times how far it goes in each direction.
  private static func timesCovariance(_ directions: [[Double]], _ rows: CodeMatrix, _ means: [Double]) -> [[Double]] {
    var result = directions.map { _ in [Double](repeating: 0, count: rows.width) }
    for row in 0..<rows.count {
      let centred = zip(rows.row(row), means).map { Double($0) - $1 }
      for (index, direction) in directions.enumerated() {
        let factor = dot(centred, direction)
        result[index].withUnsafeMutableBufferPointer { sum in
          centred.withUnsafeBufferPointer { centred in
            for place in 0..<sum.count { sum[place] += factor * centred[place] }
          }
        }
      }
    }
    return result
  }

  /// Gram-Schmidt, twice, so that rounding leaves nothing of earlier directions; a direction of no length becomes zero.
  private static func orthonormalize(_ directions: inout [[Double]]) {
    for index in directions.indices {
      for _ in 0..<2 {
        for earlier in 0..<index {
          let share = dot(directions[index], directions[earlier])
          for place in directions[index].indices { directions[index][place] -= share * directions[earlier][place] }
        }
      }
      let length = dot(directions[index], directions[index]).squareRoot()
      directions[index] = directions[index].map { length > 1e-150 ? $0 / length : 0 }
    }
  }
}
