import Foundation

extension NormalPosteriors {
  /// A bound from above of I_q(x; z), what a code tells about its example, in nats: 1/2 log det Cov(z) - 1/2 E sum_j log s_j^2.
  ///
  /// I_q = h(q(z)) - E h(q(z|x)), and of all densities with the covariance of the codes a Normal has the largest entropy. So
  /// it is E KL(q(z|x) || g) with g the Normal of the codes' moments, or the rate less KL(g || p) where p is normal; it
  /// exceeds I_q by KL(q(z) || g), which is small where the codes together are near a Normal, as under a normal prior they are
  /// trained to be. Unlike estimates whose q(z) is the average of N posteriors it does not end at log N, and it has no noise of
  /// draws. 0 for posteriors that are all alike.
  ///
  /// Source: Barber and Agakov, "The IM Algorithm" (2003), with a Normal marginal; compare Poole and others, "On Variational
  /// Bounds of Mutual Information" (2019), section 2.1.
  package var informationBound: Double {
    let centres = means.columnMeans
    var covariance = [Double](repeating: 0, count: width * width)
    var entropies = 0.0
    var row = [Double](repeating: 0, count: width)
    for example in 0..<count {
      for latent in 0..<width {
        let place = example * width + latent
        let logVariance = Double(logVariances.values[place])
        row[latent] = Double(means.values[place]) - centres[latent]
        entropies += logVariance
        covariance[latent * width + latent] += exp(logVariance)
      }
      for i in 0..<width {
        for j in 0...i { covariance[i * width + j] += row[i] * row[j] }
      }
    }
    covariance = covariance.map { $0 / Double(count) }
    let latents = 0..<width
    let logDeterminant: Double
    if let factor = Cholesky(covariance, size: width) {
      logDeterminant = latents.reduce(0.0) { $0 + 2 * log(factor.lower[$1 * width + $1]) }
    } else {
      // Where rounding leaves no factor, the latents by themselves give a bound that is less tight (Hadamard).
      logDeterminant = latents.reduce(0.0) { $0 + log(covariance[$1 * width + $1]) }
    }
    return 0.5 * (logDeterminant - entropies / Double(count))
  }
}
