import Foundation
import Latent
import TestSupport
import Testing

/// Densities against their integrals, samplers against their densities, divergences against Monte Carlo.
@Suite(.serialized) struct DistributionTests {
  private func run(_ seed: UInt64 = 1, _ build: (Graph) -> [Tensor]) throws -> [[Double]] {
    let graph = Graph()
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: build(graph)), state: VariableStore(seed: 0))
    return try executable.run([], random: RandomState(seed: seed)).map(\.doubles)
  }

  private func normal(_ graph: Graph, mean: [Double], logVariance: [Double]) -> DiagonalNormal {
    DiagonalNormal(
      mean: graph.constant(mean, shape: [mean.count]), logVariance: graph.constant(logVariance, shape: [mean.count]))
  }

  @Test(arguments: [(0.0, 0.0), (1.5, -2.0), (-0.7, 1.2)])
  func theNormalDensityIntegratesToOne(_ mean: Double, _ logVariance: Double) throws {
    let points = (0..<4000).map { -20 + 0.01 * Double($0) }
    let densities = try run { graph in
      let x = graph.constant(points, shape: [4000, 1])
      return [normal(graph, mean: [mean], logVariance: [logVariance]).logProbability(x).exp()]
    }[0]
    #expect(abs(densities.reduce(0, +) * 0.01 - 1) < 1e-4)
  }

  @Test func aDensityOfSeveralDimensionsIsTheProduct() throws {
    let values = try run { graph in
      let joint = normal(graph, mean: [1, -1], logVariance: [0.5, -0.5])
      let first = normal(graph, mean: [1], logVariance: [0.5])
      let second = normal(graph, mean: [-1], logVariance: [-0.5])
      return [
        joint.logProbability(graph.constant([0.3, 0.4], shape: [1, 2])),
        first.logProbability(graph.constant([0.3], shape: [1, 1]))
          + second.logProbability(graph.constant([0.4], shape: [1, 1])),
      ]
    }
    #expect(largestDifference(values[0], values[1]) < 1e-6)
  }

  @Test func bernoulliProbabilitiesSumToOneEvenForLargeLogits() throws {
    let values = try run { graph in
      let coins = Bernoulli(logits: graph.constant([-80, -1, 0, 2, 80], shape: [5, 1]))
      return [
        coins.logProbability(graph.constant([1], shape: [5, 1])).exp()
          + coins.logProbability(graph.constant([0], shape: [5, 1])).exp(),
        coins.logProbability(graph.constant([1], shape: [5, 1])),
      ]
    }
    #expect(largestDifference(values[0], [1, 1, 1, 1, 1]) < 1e-6)
    #expect(abs(values[1][0] + 80) < 1e-4)
  }

  /// Kolmogorov-Smirnov at a fixed seed: the largest distance between both distribution functions, scaled.
  @Test(arguments: [(0.0, 0.0), (2.0, 1.0)])
  func theNormalSamplerFollowsItsDensity(_ mean: Double, _ logVariance: Double) throws {
    let count = 20_000
    let draws = try run { graph in [normal(graph, mean: [mean], logVariance: [logVariance]).sample(count: count)] }[0]
    let deviation = exp(logVariance / 2)
    let distance = draws.sorted().enumerated().reduce(0.0) { worst, entry in
      let exact = 0.5 * erfc(-(entry.element - mean) / deviation / 2.0.squareRoot())
      return max(worst, abs(exact - Double(entry.offset) / Double(count)))
    }
    #expect(distance * Double(count).squareRoot() < 1.63)  // the 1 % point
  }

  @Test func theBernoulliSamplerFollowsItsProbabilities() throws {
    let draws = try run { graph in [Bernoulli(logits: graph.constant([-1, 0, 2], shape: [3])).sample(count: 30_000)] }[
      0]
    for (place, logit) in [-1.0, 0, 2].enumerated() {
      let share = stride(from: place, to: draws.count, by: 3).reduce(0) { $0 + draws[$1] } / 30_000
      #expect(abs(share - 1 / (1 + exp(-logit))) < 0.012)
    }
    #expect(draws.allSatisfy { $0 == 0 || $0 == 1 })
  }

  /// The closed form against the mean of log q - log p over draws from q, within five standard errors.
  private func checkDivergence(_ q: (Graph) -> any Distribution, _ p: (Graph) -> any Distribution) throws {
    let values = try run { graph in
      let (q, p) = (q(graph), p(graph))
      let draws = q.sample(count: 200_000)
      let exact = kullbackLeibler(from: q, to: p) ?? graph.constant(.nan)
      return [exact, q.logProbability(draws) - p.logProbability(draws)]
    }
    let count = Double(values[1].count)
    let mean = values[1].reduce(0, +) / count
    let error = (values[1].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count / count).squareRoot()
    #expect(abs(values[0][0] - mean) < 5 * error + 1e-5)
    #expect(values[0][0] >= 0)
  }

  @Test func divergencesAreWhatMonteCarloFinds() throws {
    try checkDivergence(
      { normal($0, mean: [0.5, -1], logVariance: [-1, 0.3]) }, { StandardNormal(shape: [2], in: $0) })
    try checkDivergence(
      { normal($0, mean: [0.5, -1], logVariance: [-1, 0.3]) }, { normal($0, mean: [0, 1], logVariance: [0.5, 0.2]) })
    try checkDivergence(
      { StandardNormal(shape: [2], in: $0) }, { normal($0, mean: [0.4, 1], logVariance: [0.5, -0.2]) })
    try checkDivergence(
      { Bernoulli(logits: $0.constant([-1, 0.5], shape: [2])) }, { Bernoulli(logits: $0.constant([1, 0], shape: [2])) })
  }

  @Test func anUnknownDivergenceIsNotMadeUp() {
    let graph = Graph()
    let coins = Bernoulli(logits: graph.constant([0], shape: [2]))
    #expect(kullbackLeibler(from: coins, to: StandardNormal(shape: [2], in: graph)) == nil)
    #expect(kullbackLeibler(from: StandardNormal(shape: [2], in: graph), to: coins) == nil)
  }

  @Test(arguments: [1e-12, 1e-4, 0.02, 0.31, 0.5, 0.9, 0.99999])
  func theQuantileInvertsTheDistributionFunction(_ probability: Double) {
    let x = standardNormalQuantile(probability)
    #expect(abs(0.5 * erfc(-x / 2.0.squareRoot()) / probability - 1) < 1e-12)
  }

  @Test func theQuantileIsInfiniteAtTheEnds() {
    #expect(standardNormalQuantile(0) == -.infinity)
    #expect(standardNormalQuantile(1) == .infinity)
  }
}
