import LatentDiagnostics
import Foundation
import LatentRandomness

/// The average q(z) of the posteriors of some examples, (1/N) * sum of q(z|x_n).
///
/// A density takes time proportional to the number of examples times the number of latents, an estimate that times its
/// draws.
package struct AggregatePosterior: Sendable {
  /// The number of examples N.
  package let count: Int
  /// The number of latents.
  package let width: Int
  // Latent by latent, so that the loops over examples run along memory.
  private let means: [Double]
  private let halfPrecisions: [Double]
  /// The logarithm of each posterior's largest value in one latent, less that of the number of examples.
  private let heights: [Double]
  private let deviations: [Double]

  /// Averages the posteriors of N examples, each with the share 1 / N.
  package init(_ posteriors: NormalPosteriors) {
    let (count, width) = (posteriors.count, posteriors.width)
    self.count = count
    self.width = width
    func transposed(_ codes: CodeMatrix, _ change: (Double) -> Double) -> [Double] {
      (0..<width).flatMap { latent in codes.column(latent).map { change(Double($0)) } }
    }
    means = transposed(posteriors.means) { $0 }
    halfPrecisions = transposed(posteriors.logVariances) { 0.5 * exp(-$0) }
    heights = transposed(posteriors.logVariances) { -0.5 * (log(2 * .pi) + $0) }
    deviations = transposed(posteriors.logVariances) { exp(0.5 * $0) }
  }

  /// log q(z) in nats of one code, of which there is one number for each latent.
  package func logDensity(_ z: [Double]) -> Double {
    var terms = [Double](repeating: 0, count: count)
    return logDensity(z, &terms)
  }

  /// log q(z_j) of each latent by itself, in nats.
  package func logMarginalDensities(_ z: [Double]) -> [Double] {
    require(z.count == width, "A point has \(width) latents, not \(z.count)")
    var terms = [Double](repeating: 0, count: count)
    return z.indices.map { latent in
      terms.withUnsafeMutableBufferPointer { terms in
        terms.update(repeating: 0)
        addTerms(latent, z[latent], to: terms)
      }
      return logSumExp(terms) - log(Double(count))
    }
  }

  /// log q(z|x_n) of one example, in nats.
  func logDensity(_ z: [Double], givenExample example: Int) -> Double {
    z.indices.reduce(0) { sum, latent in
      let place = latent * count + example
      let difference = z[latent] - means[place]
      return sum + heights[place] - halfPrecisions[place] * difference * difference
    }
  }

  /// log q(z), with room for one number per example.
  func logDensity(_ z: [Double], _ terms: inout [Double]) -> Double {
    require(z.count == width, "A point has \(width) latents, not \(z.count)")
    terms.withUnsafeMutableBufferPointer { terms in
      terms.update(repeating: 0)
      for (latent, value) in z.enumerated() { addTerms(latent, value, to: terms) }
    }
    return logSumExp(terms) - log(Double(count))
  }

  private func addTerms(_ latent: Int, _ value: Double, to terms: UnsafeMutableBufferPointer<Double>) {
    means.withUnsafeBufferPointer { means in
      halfPrecisions.withUnsafeBufferPointer { halfPrecisions in
        heights.withUnsafeBufferPointer { heights in
          let first = latent * count
          for example in 0..<count {
            let difference = value - means[first + example]
            terms[example] += heights[first + example] - halfPrecisions[first + example] * difference * difference
          }
        }
      }
    }
  }

  /// Points from the aggregate, each with the example whose posterior it came from.
  ///
  /// The examples take turns: every one has the same number of draws, but for a random few.
  func draws(_ count: Int, seed: UInt64, stream: String) -> [(example: Int, point: [Double])] {
    var random = RandomStream(seed: seed, name: "evaluation \(stream)")
    let extra = random.nextSubset(count % self.count, below: self.count)
    let examples = (0..<count - extra.count).map { $0 % self.count } + extra
    return examples.map { example in
      let noise = random.nextNormals(width)
      let point = (0..<width).map { latent in
        means[latent * self.count + example] + deviations[latent * self.count + example] * noise[latent]
      }
      return (example, point)
    }
  }
}

/// The logarithm of the sum of exponentials; minus infinity for none but minus infinities.
func logSumExp(_ terms: [Double]) -> Double {
  let top = terms.reduce(-.infinity, max)
  guard top > -.infinity else { return top }
  // Terms this far below the greatest are lost in the sum's rounding, however many there are.
  let sum = terms.reduce(0) { $1 - top > -60 ? $0 + exp($1 - top) : $0 }
  return top + log(sum)
}
