import Foundation
import Latent
import Testing

/// Log-densities and their gradients stay finite in float32 whatever a decoder may say.
@Suite(.serialized) struct ExtremeParameterTests {
  /// A family, how many parameters it has, and values to ask about.
  struct Family: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The size of each parameter's last dimension.
    var sizes: [Int]
    var values: [Double]
    var build: @Sendable ([Tensor]) -> any Distribution
  }

  static let families: [Family] = [
    Family(testDescription: "continuous Bernoulli", sizes: [1], values: [0, 0.3, 1]) {
      ContinuousBernoulli(logits: $0[0])
    },
    Family(testDescription: "Laplace", sizes: [1, 1], values: [-30, 0, 1, 30]) {
      Laplace(mean: $0[0], logScale: $0[1])
    },
    Family(testDescription: "categorical", sizes: [3], values: [0, 1, 2]) {
      Categorical(logits: $0[0].expandingDimension(-2), step: 1)
    },
    Family(testDescription: "logistic", sizes: [1, 1], values: [0, 1 / 255, 0.5, 1]) {
      DiscretizedLogistic(mean: $0[0], logScale: $0[1], levels: 256)
    },
    Family(testDescription: "grey mixture", sizes: [6], values: [0, 1 / 255, 0.5, 1]) {
      DiscretizedLogisticMixture(parameters: $0[0], pixels: 1, channels: 1, components: 2, levels: 256)
    },
    Family(testDescription: "colour mixture", sizes: [10], values: [0, 128 / 255, 1]) {
      DiscretizedLogisticMixture(parameters: $0[0], pixels: 1, channels: 3, components: 1, levels: 256)
    },
    Family(testDescription: "Poisson", sizes: [1], values: counts) { Poisson(logRate: $0[0]) },
    Family(testDescription: "negative binomial", sizes: [1, 1], values: counts) {
      NegativeBinomial(logMean: $0[0], logDispersion: $0[1])
    },
    Family(testDescription: "zero-inflated", sizes: [1, 1, 1], values: counts) {
      ZeroInflatedNegativeBinomial(logMean: $0[0], logDispersion: $0[1], gateLogits: $0[2])
    },
  ]

  private static let counts: [Double] = [0, 1, 2, 3, 17, 1000, 1e6]

  /// Parameters as rows: every combination of -30, 0, and 30, or of the first six with the others repeating them.
  private func table(_ family: Family) -> [[Double]] {
    let total = family.sizes.reduce(0, +)
    var rows: [[Double]] = [[]]
    for _ in 0..<min(6, total) { rows = rows.flatMap { row in [-30, 0, 30].map { row + [$0] } } }
    return rows.map { row in (0..<total).map { row[$0 % row.count] } }
  }

  /// The distribution of each row of parameters.
  private func distribution(_ family: Family, _ parameters: Tensor) -> any Distribution {
    var start = 0
    return family.build(
      family.sizes.map { size in
        defer { start += size }
        return parameters.slice(-1, start..<(start + size))
      })
  }

  @Test(arguments: families)
  func logProbabilitiesAndGradientsStayFinite(_ family: Family) throws {
    let table = table(family)
    let graph = Graph()
    let parameters = graph.input("parameters", shape: [table.count, table[0].count])
    let distribution = distribution(family, parameters)
    let dimensions = distribution.mean.shape[-1]
    let values = family.values.map { x in
      distribution.logProbability(graph.constant([x], shape: [table.count, dimensions]))
    }
    let gradients = values.map { gradient(of: $0.sum(), withRespectTo: [parameters])[0] }
    let program = Program(graph: graph, outputs: values + gradients + [distribution.mean])
    let executable = try CPUBackend().compile(program, state: VariableStore(seed: 0))
    let results = try executable.run([HostTensor(table.flatMap { $0 }, shape: parameters.shape)]).map(\.doubles)
    for (place, result) in results.enumerated() {
      let bad = result.firstIndex { !$0.isFinite }
      let row = bad.map { table[$0 * table.count / result.count] } ?? []
      #expect(bad == nil, "output \(place) of \(results.count) for \(row)")
    }
  }

  @Test(arguments: families)
  func samplersGiveFiniteNumbers(_ family: Family) throws {
    let table = table(family)
    let graph = Graph()
    let parameters = graph.input("parameters", shape: [table.count, table[0].count])
    let draws = distribution(family, parameters).sample(count: 20)
    let program = Program(graph: graph, outputs: [draws])
    let executable = try CPUBackend().compile(program, state: VariableStore(seed: 0))
    let values = HostTensor(table.flatMap { $0 }, shape: parameters.shape)
    #expect(try executable.run([values], random: RandomState(seed: 4))[0].doubles.allSatisfy { $0.isFinite })
  }
}
