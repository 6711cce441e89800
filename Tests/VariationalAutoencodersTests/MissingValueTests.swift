import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// What is missing takes part in nothing.
@Suite(.serialized) struct MissingValueTests {
  private let model: Model
  private let store = VariableStore(seed: 4)

  init() {
    var specification = smallModel(latents: 2, hidden: [5])
    specification.decoder.likelihood = .normal(variance: .optimal)
    specification.missingValues = true
    model = Model(specification, exampleShape: [6])
  }

  /// log p(x|z) in training, [S, B], the decoder's means, [S, B, D], and the running log-variance afterwards.
  private func run(_ x: [Double], batch: Int, samples: Int) throws -> (
    terms: [Double], means: [Double], running: Double
  ) {
    let graph = Graph()
    let examples = graph.constant(x, shape: [batch, 6])
    let z = graph.random(.normal, shape: [samples, batch, 2], type: .float32)
    let terms = model.logLikelihood(examples, z, mode: .training)
    let means = model.likelihood(z, mode: .inference).mean
    let values = try CPUBackend().compile(Program(graph: graph, outputs: [terms, means]), state: store)
      .run([], random: RandomState(seed: 2))
    let running = try #require(model.variables.first { $0.name == "likelihood/logVariance" })
    return (values[0].doubles, values[1].doubles, try store.value(of: running).doubles[0])
  }

  /// The mean squared error of the values that are there, and the density under it, by hand.
  @Test(arguments: [1, 3]) func theBestVarianceIsThatOfTheValuesThatAreThere(_ samples: Int) throws {
    let x: [Double] = [1, .nan, 2, .nan, .nan, -1, 0.5, .nan, .nan, .nan, 3, .nan]
    let (terms, means, running) = try run(x, batch: 2, samples: samples)
    let places = means.indices.filter { !x[$0 % 12].isNaN }
    let squares = places.map { pow(x[$0 % 12] - means[$0], 2) }
    let variance = squares.reduce(0, +) / Double(squares.count)
    var expected = [Double](repeating: 0, count: 2 * samples)
    for (place, square) in zip(places, squares) {
      expected[place / 6] -= 0.5 * (log(2 * .pi * variance) + square / variance)
    }
    #expect(largestDifference(terms, expected) < 1e-4)
    #expect(abs(running - 0.01 * log(variance)) < 1e-5)
  }

  @Test func aBatchWithNothingInItLeavesTheVarianceAlone() throws {
    let (terms, _, running) = try run([Double](repeating: .nan, count: 6), batch: 1, samples: 1)
    #expect(terms == [0])
    #expect(abs(running) < 1e-6)
  }

  @Test func whatIsMissingIsNoDimension() throws {
    let examples = try Examples(floats: [1, .nan, 2, .nan, .nan, .nan], shape: [3], missingValues: true)
    #expect(try examples.meanObservedCount() == 1)
    #expect(try Examples(floats: [1, 2, 3, 4], shape: [2]).meanObservedCount() == 2)
  }
}
