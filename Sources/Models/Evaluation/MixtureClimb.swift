import Foundation

/// Expectation maximisation for a mixture of normal distributions over some points.
struct MixtureClimb {
  private let points: OctetMatrix
  private let covariance: GaussianMixture.Covariance
  /// What is added to the scatter of every component's points, in each latent.
  private let penalty: Double

  /// How much of a point a component must have to be moved.
  private static let leastMass = 1e-6

  /// Climbs over points.
  init(_ points: OctetMatrix, _ covariance: GaussianMixture.Covariance, penalty: Double) {
    self.points = points
    self.covariance = covariance
    self.penalty = penalty
  }

  /// Iterates from clusters until the objective gains less than the tolerance.
  func fit(from labels: [Int], _ components: Int, _ tolerance: Double, _ iterations: Int) throws -> GaussianMixture.Fit
  {
    var shares = [SIMD8<Double>](repeating: .zero, count: points.octets * components)
    for (example, label) in labels.enumerated() { shares[example / 8 * components + label][example % 8] = 1 }
    var mixture = try maximized(shares, components, previous: nil)
    var objectives: [Double] = []
    var logLikelihood = -Double.infinity
    var hasConverged = false
    for iteration in 0..<iterations {
      logLikelihood = expect(mixture, &shares)
      let traces = mixture.whitened.reduce(0) { $0 + $1.precisionTrace }
      objectives.append(logLikelihood - 0.5 * penalty * traces / Double(points.count))
      let gain = iteration == 0 ? .infinity : objectives[iteration] - objectives[iteration - 1]
      hasConverged = gain < tolerance
      if hasConverged || iteration == iterations - 1 { break }
      mixture = try maximized(shares, components, previous: mixture)
    }
    return GaussianMixture.Fit(
      mixture: mixture, objectives: objectives, logLikelihood: logLikelihood, hasConverged: hasConverged)
  }

  /// Sets each component's share in each point, and returns the mean log-likelihood.
  private func expect(_ mixture: GaussianMixture, _ shares: inout [SIMD8<Double>]) -> Double {
    let components = mixture.components.count
    var total = 0.0
    var terms = [SIMD8<Double>](repeating: .zero, count: components)
    for octet in 0..<points.octets {
      points.withOctet(octet) { point in
        for (place, normal) in mixture.whitened.enumerated() { terms[place] = normal.logDensity(point) }
      }
      var top = terms[0]
      for term in terms { top = pointwiseMax(top, term) }
      var sum = SIMD8<Double>.zero
      for place in terms.indices {
        var share = terms[place] - top
        for lane in 0..<8 { share[lane] = exp(share[lane]) }
        terms[place] = share
        sum += share
      }
      let presence = points.presence(octet)
      for lane in 0..<8 where presence[lane] > 0 { total += top[lane] + log(sum[lane]) }
      let scale = presence / sum
      for place in terms.indices { shares[octet * components + place] = terms[place] * scale }
    }
    return total / Double(points.count)
  }

  /// The mixture that the shares make most likely, narrowness penalised.
  private func maximized(
    _ shares: [SIMD8<Double>], _ components: Int, previous: GaussianMixture?
  ) throws -> GaussianMixture {
    var result: [GaussianMixture.Component] = []
    for component in 0..<components {
      var weight = SIMD8<Double>.zero
      var sums = [SIMD8<Double>](repeating: .zero, count: points.width)
      for octet in 0..<points.octets {
        let share = shares[octet * components + component]
        weight += share
        points.withOctet(octet) { point in
          for latent in point.indices { sums[latent] += share * point[latent] }
        }
      }
      let mass = weight.sum()
      // A component that has lost its points keeps its place; its weight is as good as 0.
      if mass < Self.leastMass, let previous {
        var kept = previous.components[component]
        kept.weight = mass / Double(points.count)
        result.append(kept)
        continue
      }
      let mean = sums.map { $0.sum() / max(mass, Self.leastMass) }
      result.append(
        GaussianMixture.Component(
          weight: mass / Double(points.count), mean: mean,
          covariance: scatter(shares, component, components, mean).map { $0 / max(mass, Self.leastMass) }))
    }
    return try GaussianMixture(covariance: covariance, components: result)
  }

  /// The weighted squares about a mean, plus the penalty on the diagonal: in full, or the diagonal alone.
  private func scatter(_ shares: [SIMD8<Double>], _ component: Int, _ components: Int, _ mean: [Double]) -> [Double] {
    let width = points.width
    let isDiagonal = covariance == .diagonal
    var sums = [SIMD8<Double>](repeating: .zero, count: isDiagonal ? width : width * (width + 1) / 2)
    var centred = [SIMD8<Double>](repeating: .zero, count: width)
    sums.withUnsafeMutableBufferPointer { sums in
      centred.withUnsafeMutableBufferPointer { centred in
        for octet in 0..<points.octets {
          let share = shares[octet * components + component]
          // What is below rounding beside a whole point adds nothing.
          if share.max() < 1e-16 { continue }
          points.withOctet(octet) { point in
            for latent in 0..<width { centred[latent] = point[latent] - mean[latent] }
          }
          var place = 0
          for i in 0..<width {
            let scaled = share * centred[i]
            for j in (isDiagonal ? i : 0)...i {
              sums[place] += scaled * centred[j]
              place += 1
            }
          }
        }
      }
    }
    let totals = sums.map { $0.sum() }
    if isDiagonal { return totals.map { $0 + penalty } }
    var matrix = [Double](repeating: 0, count: width * width)
    var place = 0
    for i in 0..<width {
      for j in 0...i {
        matrix[i * width + j] = totals[place] + (i == j ? penalty : 0)
        matrix[j * width + i] = matrix[i * width + j]
        place += 1
      }
    }
    return matrix
  }
}
