import Foundation
import LatentDiagnostics
import LatentRandomness

/// How far samples are from examples, in a space of features.
///
/// The figures depend on the features and on the numbers of rows: compare those of one space and size alone. They are none of
/// the published "FID" or "KID", which are of one network's features.
public struct SampleDistances: Sendable, Hashable {
  /// The squared Wasserstein distance of Normals with the moments of each side (Heusel et al. 2017, equation 6).
  public let frechet: Double
  /// The squared maximum mean discrepancy under the kernel (x . y / d + 1)^3, without bias (Binkowski et al. 2018, section 4), of
  /// features brought to the examples' deviation.
  public let kernel: MonteCarloEstimate
  /// The share of samples within the examples' reach, and of examples within the samples' reach: each row reaches as far as its
  /// third nearest neighbour on its own side (Kynkaanniemi et al. 2019, section 2).
  public let precision: Double, recall: Double

  private static let neighbours = 3
  /// Rows that neighbours are looked for among; time grows as their square.
  private static let mostRows = 2000

  /// Compares rows of features.
  ///
  /// - Throws: `LatentError` for fewer than ten rows on either side, and features that are no finite numbers.
  package init(samples: CodeMatrix, examples: CodeMatrix, seed: UInt64) throws {
    require(samples.width == examples.width, "Features of \(samples.width) and \(examples.width) numbers")
    try samples.checkFinite()
    try examples.checkFinite()
    guard min(samples.count, examples.count) >= 10 else {
      throw LatentError.usage(
        "A distance between sets needs ten of each", remedy: "Use more examples: a larger --limit")
    }
    frechet = Self.frechet(samples, examples)
    kernel = Self.kernel(samples, examples, seed: seed)
    let (left, right) = (Rows(samples, Self.mostRows), Rows(examples, Self.mostRows))
    precision = left.share(within: right, reaches: right.reaches(Self.neighbours))
    recall = right.share(within: left, reaches: left.reaches(Self.neighbours))
  }

  /// |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2), with covariances that divide by one less than the rows.
  private static func frechet(_ left: CodeMatrix, _ right: CodeMatrix) -> Double {
    let width = left.width
    let (m1, c1) = moments(left)
    let (m2, c2) = moments(right)
    let distance = zip(m1, m2).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let traces = (0..<width).reduce(0) { $0 + c1[$1 * width + $1] + c2[$1 * width + $1] }
    // With C1 = L L', the matrix C1 C2 has the eigenvalues of L' C2 L. A little on the diagonal keeps L where C1 has no full rank.
    let jitter = 1e-10 * max(traces, 1e-300) / Double(width)
    var lifted = c1
    for latent in 0..<width { lifted[latent * width + latent] += jitter }
    guard let factor = Cholesky(lifted, size: width) else { return .nan }
    let product = multiplied(transposed(factor.lower, width), multiplied(c2, factor.lower, width), width)
    let roots = symmetricEigenvalues(product, size: width).reduce(0) { $0 + max($1, 0).squareRoot() }
    return max(0, distance + traces - 2 * roots)
  }

  private static func moments(_ rows: CodeMatrix) -> (mean: [Double], covariance: [Double]) {
    let (means, width) = (rows.columnMeans, rows.width)
    var covariance = [Double](repeating: 0, count: width * width)
    var row = [Double](repeating: 0, count: width)
    covariance.withUnsafeMutableBufferPointer { covariance in
      for example in 0..<rows.count {
        for place in 0..<width { row[place] = Double(rows.values[example * width + place]) - means[place] }
        for i in 0..<width where row[i] != 0 {
          let factor = row[i]
          for j in 0...i { covariance[i * width + j] += factor * row[j] }
        }
      }
      for i in 0..<width {
        for j in 0...i {
          covariance[i * width + j] /= Double(rows.count - 1)
          covariance[j * width + i] = covariance[i * width + j]
        }
      }
    }
    return (means, covariance)
  }

  private static func transposed(_ matrix: [Double], _ size: Int) -> [Double] {
    (0..<(size * size)).map { matrix[$0 % size * size + $0 / size] }
  }

  private static func multiplied(_ left: [Double], _ right: [Double], _ size: Int) -> [Double] {
    var result = [Double](repeating: 0, count: size * size)
    result.withUnsafeMutableBufferPointer { result in
      for i in 0..<size {
        for k in 0..<size where left[i * size + k] != 0 {
          let factor = left[i * size + k]
          for j in 0..<size { result[i * size + j] += factor * right[k * size + j] }
        }
      }
    }
    return result
  }

  /// The mean over blocks of 500 rows of either side, in a random order, with the standard error over the blocks.
  private static func kernel(_ samples: CodeMatrix, _ examples: CodeMatrix, seed: UInt64) -> MonteCarloEstimate {
    var random = RandomStream(seed: seed, name: "evaluation kernel distance")
    let means = examples.columnMeans
    let scale = max(examples.columnVariances.reduce(0, +) / Double(examples.width), 1e-300).squareRoot()
    func rows(_ matrix: CodeMatrix) -> [[Double]] {
      var order = Array(0..<matrix.count)
      for place in order.indices.dropLast() {
        order.swapAt(place, place + random.nextIndex(below: order.count - place))
      }
      return order.map { row in zip(matrix.row(row), means).map { (Double($0) - $1) / scale } }
    }
    let (left, right) = (rows(samples), rows(examples))
    let block = min(500, left.count, right.count)
    let width = Double(examples.width)
    func value(_ x: [Double], _ y: [Double]) -> Double {
      let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / width + 1
      return dot * dot * dot
    }
    return MonteCarloEstimate(
      (0..<min(10, min(left.count, right.count) / block)).map { index in
        let range = (index * block)..<((index + 1) * block)
        let (x, y) = (Array(left[range]), Array(right[range]))
        var (within, between) = (0.0, 0.0)
        for i in 0..<block {
          for j in 0..<block {
            if j < i { within += value(x[i], x[j]) + value(y[i], y[j]) }
            between += value(x[i], y[j])
          }
        }
        return 2 * within / Double(block * (block - 1)) - 2 * between / Double(block * block)
      })
  }

  /// Rows whose distances are asked for.
  private struct Rows {
    let values: [Float]
    let width: Int, count: Int

    init(_ matrix: CodeMatrix, _ most: Int) {
      (width, count) = (matrix.width, min(matrix.count, most))
      values = Array(matrix.values.prefix(count * width))
    }

    private func squaredDistance(_ row: Int, _ other: Rows, _ place: Int) -> Float {
      values.withUnsafeBufferPointer { mine in
        other.values.withUnsafeBufferPointer { theirs in
          var sum: Float = 0
          for index in 0..<width {
            let difference = mine[row * width + index] - theirs[place * width + index]
            sum += difference * difference
          }
          return sum
        }
      }
    }

    /// The squared distance of each row to its n-th nearest neighbour.
    func reaches(_ n: Int) -> [Float] {
      (0..<count).map { row in
        var nearest = [Float](repeating: .infinity, count: n)
        for place in 0..<count where place != row {
          let distance = squaredDistance(row, self, place)
          guard distance < nearest[n - 1] else { continue }
          nearest[n - 1] = distance
          nearest.sort()
        }
        return nearest[n - 1]
      }
    }

    /// The share of rows that are within the reach of at least one of others.
    func share(within others: Rows, reaches: [Float]) -> Double {
      let inside = (0..<count).count { row in
        (0..<others.count).contains { squaredDistance(row, others, $0) <= reaches[$0] }
      }
      return Double(inside) / Double(count)
    }
  }
}
