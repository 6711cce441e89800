import Foundation
import Latent
import TestSupport
import Testing

/// Mixtures against the sum that defines them.
@Suite(.serialized) struct NormalMixtureTests {
  private func run(_ build: (Graph) -> [Tensor]) throws -> [[Double]] {
    let graph = Graph()
    return try CPUBackend().compile(Program(graph: graph, outputs: build(graph)), state: VariableStore(seed: 0))
      .run([], random: RandomState(seed: 6)).map(\.doubles)
  }

  /// log sum_k w_k prod_d N(x_d; m_kd, s_kd^2), term by term in double precision.
  private func direct(
    _ x: [Double], _ means: [Double], _ logVariances: [Double], _ logits: [Double]
  ) -> Double {
    let size = x.count
    let terms = logits.indices.map { k in
      (0..<size).reduce(logits[k]) { sum, d in
        let (m, v) = (means[k * size + d], logVariances[k * size + d])
        return sum - 0.5 * (log(2 * .pi) + v + (x[d] - m) * (x[d] - m) * exp(-v))
      }
    }
    let (largest, weight) = (terms.max() ?? 0, logits.reduce(0) { $0 + exp($1) })
    return largest + log(terms.reduce(0) { $0 + exp($1 - largest) }) - log(weight)
  }

  /// The size of a VampPrior: 500 components in 40 dimensions, points drawn near some of them.
  struct Size: Sendable {
    var components: Int
    var dimensions: Int
    var logVariance: Double
    /// How far the means lie from zero.
    var offset: Double
    /// The largest error in nats: 2.5e-7 of the squares that are expanded, 2 exp(-logVariance) for each dimension.
    var tolerance: Double
  }

  @Test(arguments: [
    Size(components: 3, dimensions: 2, logVariance: 0, offset: 0, tolerance: 2e-6),
    Size(components: 500, dimensions: 40, logVariance: -1, offset: 0, tolerance: 5.5e-5),
    Size(components: 500, dimensions: 40, logVariance: -4, offset: 0, tolerance: 1.1e-3),
    Size(components: 500, dimensions: 40, logVariance: -4, offset: 30, tolerance: 1.1e-3),
  ])
  func theDensityIsTheSumThatDefinesIt(_ size: Size) throws {
    let (k, d) = (size.components, size.dimensions)
    func rounded(_ values: [Double]) -> [Double] { values.map { Double(Float($0)) } }
    let means = rounded(normals(k * d, "means").map { $0 + size.offset })
    let logVariances = rounded(normals(k * d, "variances").map { size.logVariance + 0.3 * $0 })
    let logits = rounded(normals(k, "logits"))
    let noise = normals(60 * d, "noise")
    let points = rounded(
      (0..<(60 * d)).map { place in
        let near = place / d % k * d + place % d
        return means[near] + exp(logVariances[near] / 2) * noise[place]
      })
    let values = try run { graph in
      let mixture = NormalMixture(
        means: graph.constant(means, shape: [k, d]), logVariances: graph.constant(logVariances, shape: [k, d]),
        logits: graph.constant(logits, shape: [k]), leading: [20])
      return [mixture.logProbability(graph.constant(points, shape: [3, 20, d]))]
    }[0]
    let exact = (0..<60).map { direct(Array(points[($0 * d)..<($0 * d + d)]), means, logVariances, logits) }
    let worst = zip(values, exact).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < size.tolerance)
  }

  private func small(_ graph: Graph, hasLogits: Bool, leading: [Int] = []) -> NormalMixture {
    NormalMixture(
      means: graph.constant([-2, 0, 1, 1.5, 0.5, -2], shape: [3, 2]),
      logVariances: graph.constant([-1, 0, 0.3, -2, 0, 0.5], shape: [3, 2]),
      logits: hasLogits ? graph.constant([0.5, -1, 1.2], shape: [3]) : nil, leading: leading)
  }

  @Test(arguments: [false, true])
  func theDensityIntegratesToOneAndTheSamplerFollowsIt(_ hasLogits: Bool) throws {
    try expectDensityAndSamplerAgree { small($0, hasLogits: hasLogits) }
  }

  @Test(arguments: [false, true])
  func drawsHaveTheLeadingDimensionsAndTheMean(_ hasLogits: Bool) throws {
    let values = try run { graph in
      let mixture = small(graph, hasLogits: hasLogits, leading: [2])
      #expect(mixture.sample(count: nil).shape == [2, 2])
      #expect(mixture.mean.shape == [2, 2])
      #expect(mixture.logProbability(graph.constant([0, 0], shape: [2])).shape == .scalar)
      let draws = mixture.sample(count: 50_000)
      #expect(draws.shape == [50_000, 2, 2])
      return [draws.mean([0]), mixture.mean, (draws - mixture.mean).squared().mean([0])]
    }
    for (place, variance) in values[2].enumerated() {
      #expect(abs(values[0][place] - values[1][place]) < 5 * (variance / 50_000).squareRoot())
    }
  }

  @Test func equalLogitsAreNone() throws {
    let values = try run { graph in
      let mixture = small(graph, hasLogits: false)
      let same = NormalMixture(
        means: mixture.means, logVariances: mixture.logVariances, logits: graph.constant([7], shape: [3]), leading: [])
      let x = graph.constant(normals(20, "x"), shape: [10, 2])
      return [mixture.logProbability(x), same.logProbability(x)]
    }
    #expect(largestDifference(values[0], values[1]) < 1e-6)
  }

  @Test func aPointFarFromEverythingHasAFiniteDensity() throws {
    let logs = try run { graph in
      [small(graph, hasLogits: true).logProbability(graph.constant([1000, -1000], shape: [1, 2]))]
    }[0]
    #expect(logs[0].isFinite && logs[0] < -1e5)
  }

  @Test func gradientsAreThoseOfDifferences() throws {
    let error = try gradientError(
      [[3, 2], [3, 2], [3], [4, 2]],
      [normals(6, "means"), normals(6, "variances"), normals(3, "logits"), normals(8, "x")]
    ) { _, inputs in
      let mixture = NormalMixture(means: inputs[0], logVariances: inputs[1], logits: inputs[2], leading: [4])
      return mixture.logProbability(inputs[3]).sum() + mixture.mean.sine().sum()
    }
    #expect(error < 1e-6)
    let drawn = try gradientError([[3, 2], [3, 2]], [normals(6, "means"), normals(6, "variances")]) { _, inputs in
      NormalMixture(means: inputs[0], logVariances: inputs[1], leading: [4]).sample(count: 3).sine().sum()
    }
    #expect(drawn < 1e-6)
  }

  @Test func noGradientFlowsToADetachedOne() throws {
    let values = try run { graph in
      let mixture = small(graph, hasLogits: true)
      let x = graph.constant([0.3, 0.4], shape: [1, 2])
      let log = (mixture.detached?.logProbability(x) ?? graph.constant([.nan], shape: [1])).sum()
      let logits = mixture.logits ?? x
      return [log - mixture.logProbability(x).sum()]
        + gradient(of: log, withRespectTo: [mixture.means, mixture.logVariances, logits, x])
    }
    #expect(values[0] == [0])
    #expect((values[1] + values[2] + values[3]).allSatisfy { $0 == 0 })
    #expect(values[4].allSatisfy { $0 != 0 })
  }

  @Test func theDensityKeepsItsPrecisionWhereMatricesDoNot() throws {
    let logs = try [ElementType.float32, .bfloat16].map { precision in
      let graph = Graph(matrixPrecision: precision)
      let x = graph.constant(normals(20, "x").map { 3 * $0 }, shape: [10, 2])
      return try CPUBackend().compile(
        Program(graph: graph, outputs: [small(graph, hasLogits: true).logProbability(x)]),
        state: VariableStore(seed: 0)
      ).run([])[0].doubles
    }
    #expect(largestDifference(logs[0], logs[1]) < 1e-5)
  }
}
