import Foundation
import Latent
import TestSupport
import Testing

/// Which value a number counts as, and what many dimensions do.
@Suite(.serialized) struct CategoricalTests {
  private func run(_ build: (Graph) -> [Tensor]) throws -> [[Double]] {
    let graph = Graph()
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: build(graph)), state: VariableStore(seed: 0))
    return try executable.run([], random: RandomState(seed: 1)).map(\.doubles)
  }

  @Test func everyGreyLevelOf256IsFound() throws {
    let logits = (0..<256).map { sin(Double($0)) }
    let levels = (0..<256).map { Double($0) / 255 }
    let values = try run { graph in
      let distribution = Categorical(logits: graph.constant(logits, shape: [1, 256]), step: 1 / 255)
      return [distribution.logProbability(graph.constant(levels, shape: [256, 1]))]
    }[0]
    let normalizer = log(logits.reduce(0) { $0 + exp($1) })
    #expect(largestDifference(values, logits.map { $0 - normalizer }) < 1e-6)
  }

  @Test func numbersCountAsTheNearestValue() throws {
    let values = try run { graph in
      let distribution = Categorical(logits: graph.constant([0, 1, 2], shape: [1, 3]), step: 0.5)
      let x = graph.constant([-7, 0.2, 0.3, 0.6, 0.8, 50], shape: [6, 1])
      return [distribution.logProbability(x), distribution.logProbability(x).exp()]
    }[0]
    let normalizer = log(1 + exp(1.0) + exp(2.0))
    #expect(largestDifference(values, [0, 0, 1, 1, 2, 2].map { $0 - normalizer }) < 1e-6)
  }

  @Test func dimensionsAreIndependent() throws {
    let values = try run { graph in
      let logits = graph.constant([0, 1, 2, 3, 1, 0, 5, 5, 4, -1, 0, 1], shape: [2, 2, 3])
      let distribution = Categorical(logits: logits, step: 1)
      let x = graph.constant([0, 2, 1, 1], shape: [2, 2])
      #expect(distribution.sample(count: 5).shape == [5, 2, 2])
      return [distribution.logProbability(x), distribution.elementLogProbability(x), logits.logSoftmax()]
    }
    let table = values[2]
    #expect(largestDifference(values[1], [table[0], table[5], table[7], table[10]]) < 1e-6)
    #expect(largestDifference(values[0], [table[0] + table[5], table[7] + table[10]]) < 1e-6)
  }

  @Test func aForbiddenValueDoesNotSpoilTheOthers() throws {
    let values = try run { graph in
      let logits = graph.constant([0, -.infinity, 1], shape: [1, 3])
      let distribution = Categorical(logits: logits, step: 1)
      return [distribution.logProbability(graph.constant([0, 2], shape: [2, 1])), distribution.sample(count: 2000)]
    }
    let normalizer = log(1 + exp(1.0))
    #expect(largestDifference(values[0], [-normalizer, 1 - normalizer]) < 1e-6)
    #expect(!values[1].contains(1))
  }
}
