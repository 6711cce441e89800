import LatentRandomness

/// Clusters of points around their means, by Lloyd's iterations from a k-means++ start.
struct KMeans {
  /// The cluster of each point.
  private(set) var labels: [Int]
  private var centres: [Double]
  private let points: [Double]
  private let width: Int

  /// Clusters codes less a centre, of which there must be at least as many as clusters.
  init(_ codes: CodeMatrix, centre: [Double], clusters: Int, seed: UInt64, start: UInt64, iterations: Int = 20) {
    width = codes.width
    points = codes.values.indices.map { Double(codes.values[$0]) - centre[$0 % codes.width] }
    labels = Array(repeating: 0, count: codes.count)
    centres = []
    var random = RandomStream(seed: seed, name: "evaluation k-means", step: start)
    choose(clusters, &random)
    for _ in 0..<iterations where assign() { moveCentres(clusters) }
  }

  /// Picks points as centres, each with a probability proportional to its squared distance from those before.
  private mutating func choose(_ clusters: Int, _ random: inout RandomStream) {
    var distances = [Double](repeating: .infinity, count: labels.count)
    var next = random.nextIndex(below: labels.count)
    for cluster in 0..<clusters {
      centres += points[next * width..<(next + 1) * width]
      for point in distances.indices { distances[point] = min(distances[point], distance(point, cluster)) }
      let total = distances.reduce(0, +)
      // When every point is a centre already, any will do.
      guard total > 0 else {
        next = random.nextIndex(below: labels.count)
        continue
      }
      var rest = random.nextUniform() * total
      next = distances.lastIndex { $0 > 0 } ?? 0
      for (point, distance) in distances.enumerated() {
        rest -= distance
        if rest < 0 {
          next = point
          break
        }
      }
    }
  }

  /// Gives each point to its nearest centre, and says whether any has changed its cluster.
  private mutating func assign() -> Bool {
    let clusters = centres.count / width
    var hasChanged = false
    for point in labels.indices {
      var best = 0
      var least = Double.infinity
      for cluster in 0..<clusters {
        let distance = distance(point, cluster)
        if distance < least { (least, best) = (distance, cluster) }
      }
      if labels[point] != best { hasChanged = true }
      labels[point] = best
    }
    return hasChanged
  }

  /// Moves each centre to the mean of its points; one without any stays.
  private mutating func moveCentres(_ clusters: Int) {
    var sums = [Double](repeating: 0, count: clusters * width)
    var counts = [Double](repeating: 0, count: clusters)
    for (point, label) in labels.enumerated() {
      counts[label] += 1
      for latent in 0..<width { sums[label * width + latent] += points[point * width + latent] }
    }
    for place in sums.indices where counts[place / width] > 0 { centres[place] = sums[place] / counts[place / width] }
  }

  private func distance(_ point: Int, _ cluster: Int) -> Double {
    points.withUnsafeBufferPointer { points in
      centres.withUnsafeBufferPointer { centres in
        var sum = 0.0
        for latent in 0..<width {
          let difference = points[point * width + latent] - centres[cluster * width + latent]
          sum += difference * difference
        }
        return sum
      }
    }
  }
}
