import Foundation
import Latent
import Testing

/// Closed forms of divergences between the decoders' distributions against Monte Carlo.
@Suite(.serialized) struct DivergenceTests {
  /// Two distributions of one family.
  struct Pair: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var q: @Sendable (Graph) -> any Distribution
    var p: @Sendable (Graph) -> any Distribution
  }

  static let pairs: [Pair] =
    [([-2.0, 0.1], [1.0, -0.1]), ([5, 0.9], [5.5, 1.2]), ([-12, 30], [3, 20])].map { q, p in
      Pair(
        testDescription: "continuous Bernoulli \(q) to \(p)",
        q: { ContinuousBernoulli(logits: $0.constant(q, shape: [2])) },
        p: { ContinuousBernoulli(logits: $0.constant(p, shape: [2])) })
    }
    + [([0.0, 1], [0.5, -0.5]), ([2, -1], [-1, 1])].map { means, logScales in
      Pair(
        testDescription: "Laplace, means \(means), log-scales \(logScales)",
        q: { Laplace(mean: $0.constant(means, shape: [2]), logScale: $0.constant(logScales, shape: [2])) },
        p: { Laplace(mean: $0.constant([0.3], shape: [2]), logScale: $0.constant([0.2], shape: [2])) })
    }
    + [([1.0, 0, -1, 3, 0.5, 0.2], [0.0, 1, 1, -2, 0, 2])].map { q, p in
      Pair(
        testDescription: "categorical \(q) to \(p)",
        q: { Categorical(logits: $0.constant(q, shape: [2, 3]), step: 0.5) },
        p: { Categorical(logits: $0.constant(p, shape: [2, 3]), step: 0.5) })
    }
    + [([-1.0, 2], [0.5, 2.3]), ([4, 0], [4.1, -3])].map { q, p in
      Pair(
        testDescription: "Poisson \(q) to \(p)", q: { Poisson(logRate: $0.constant(q, shape: [2])) },
        p: { Poisson(logRate: $0.constant(p, shape: [2])) })
    }

  @Test(arguments: pairs)
  func theClosedFormIsWhatMonteCarloFinds(_ pair: Pair) throws {
    let graph = Graph()
    let (q, p) = (pair.q(graph), pair.p(graph))
    let exact = try #require(kullbackLeibler(from: q, to: p))
    let parts = try #require(elementKullbackLeibler(from: q, to: p))
    let draws = q.sample(count: 200_000)
    let values = try run(graph, [exact, parts, q.logProbability(draws) - p.logProbability(draws)])
    let sample = GoodnessOfFit.meanAndError(values[2])
    #expect(abs(values[0][0] - sample.mean) < 5 * sample.error + 1e-5)
    #expect(values[0][0] > 0)
    #expect(abs(values[1].reduce(0, +) - values[0][0]) < 1e-5 * max(1, values[0][0]))
  }

  @Test(arguments: pairs)
  func nothingDivergesFromItself(_ pair: Pair) throws {
    let graph = Graph()
    let exact = try #require(kullbackLeibler(from: pair.q(graph), to: pair.q(graph)))
    #expect(abs(try run(graph, [exact])[0][0]) < 1e-6)
  }

  @Test func unlikeDistributionsHaveNoClosedForm() {
    let graph = Graph()
    let zeros = graph.constant([0], shape: [2])
    let logits = graph.constant([0], shape: [2, 3])
    let others: [any Distribution] = [
      ContinuousBernoulli(logits: zeros), Laplace(mean: zeros, logScale: zeros), Categorical(logits: logits, step: 1),
      Poisson(logRate: zeros), NegativeBinomial(logMean: zeros, logDispersion: zeros),
    ]
    for (place, q) in others.enumerated() {
      for (other, p) in others.enumerated() where place != other { #expect(kullbackLeibler(from: q, to: p) == nil) }
    }
    #expect(kullbackLeibler(from: others[2], to: Categorical(logits: logits, step: 2)) == nil)
    let wider = Categorical(logits: graph.constant([0], shape: [2, 4]), step: 1)
    #expect(kullbackLeibler(from: others[2], to: wider) == nil)
  }

  private func run(_ graph: Graph, _ outputs: [Tensor]) throws -> [[Double]] {
    let program = Program(graph: graph, outputs: outputs)
    let executable = try CPUBackend().compile(program, state: VariableStore(seed: 0))
    return try executable.run([], random: RandomState(seed: 2)).map(\.doubles)
  }
}
