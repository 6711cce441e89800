import Foundation
import Latent
import TestSupport
import Testing

/// The autoregressive density: one pass for a point, rounds for a draw.
@Suite(.serialized) struct AutoregressiveNormalTests {
  private func density(
    _ components: Int, dimensions: Int = 2, context: Int = 0, deviation: Double? = 0.5
  ) throws -> (AutoregressiveNormal, VariableStore) {
    let density = AutoregressiveNormal(
      "prior", dimensions: dimensions, components: components, hidden: [16, 16], context: context, activation: .tanh)
    let store = VariableStore(seed: 0)
    if let deviation { try randomize(density.variables, in: store, deviation: deviation) }
    return (density, store)
  }

  @Test(arguments: [1, 2, 5], [0, 3])
  func theDensityIntegratesToOneAndTheSamplerFollowsIt(_ components: Int, _ context: Int) throws {
    let (density, store) = try density(components, context: context)
    try expectDensityAndSamplerAgree(store: store) { graph in
      let context = context > 0 ? graph.constant([0.5, -1, 0.2], shape: [1, 3]) : nil
      return Flattened(
        distribution: density.distribution(leading: context == nil ? [] : [1], context: context, in: graph))
    }
  }

  /// Draws with a dimension of one example as [n, 2].
  private struct Flattened: Distribution {
    let distribution: any Distribution
    var mean: Tensor { distribution.mean }
    func logProbability(_ x: Tensor) -> Tensor { distribution.logProbability(x).reshape([x.shape[0]]) }
    func sample(count: Int?) -> Tensor {
      let draws = distribution.sample(count: count)
      return draws.reshape([draws.shape.elementCount / 2, 2])
    }
  }

  @Test(arguments: [1, 2, 10])
  func itStartsNearTheStandardNormal(_ components: Int) throws {
    let (density, store) = try density(components, dimensions: 6, deviation: nil)
    let graph = Graph()
    let draws = density.distribution(leading: [], in: graph).sample(count: 20_000)
    let values = try CPUBackend().compile(
      Program(graph: graph, outputs: [draws.mean([0]), draws.variance([0])]), state: store
    ).run([]).map(\.doubles)
    #expect(values[0].allSatisfy { abs($0) < 0.15 })
    #expect(values[1].allSatisfy { abs($0 - 1) < 0.15 })
  }

  @Test(arguments: [1, 4])
  func eachDimensionOfTheMeanIsTheConditionalOneGivenThoseBeforeIt(_ components: Int) throws {
    let (density, store) = try density(components, deviation: 0.3)
    let function = try DoubleFunction([[4000, 1]], store: store) { graph, inputs in
      let p = density.distribution(leading: [], in: graph)
      let first = p.mean.slice(0, 0..<1).broadcast(to: [4000, 1])
      let alongSecond = p.logProbability(Tensor.concatenate([first, inputs[0]], dimension: 1)).exp()
      return [p.mean, alongSecond, p.sample(count: 4000).slice(1, 0..<1)]
    }
    let points = (0..<4000).map { -20 + 0.01 * (Double($0) + 0.5) }
    let values = try function([points])
    let total = values[1].reduce(0, +)
    let second = zip(points, values[1]).reduce(0) { $0 + $1.0 * $1.1 } / total
    #expect(abs(values[0][1] - second) < 1e-6)
    let first = values[2].reduce(0, +) / 4000
    let variance = values[2].reduce(0) { $0 + ($1 - first) * ($1 - first) } / 4000
    #expect(abs(values[0][0] - first) < 5 * (variance / 4000).squareRoot())
  }

  @Test(arguments: [1, 3])
  func shapesBroadcastAndGradientsAreThoseOfDifferences(_ components: Int) throws {
    let (density, store) = try density(components, dimensions: 3, context: 2)
    let error = try gradientError(
      [[2, 4, 3], [4, 2]], [normals(24, "x"), normals(8, "context")], store: store
    ) { graph, inputs in
      let p = density.distribution(leading: [4], context: inputs[1], in: graph)
      let logs = p.logProbability(inputs[0])
      #expect(logs.shape == [2, 4])
      #expect(p.sample(count: nil).shape == [4, 3])
      #expect(p.sample(count: 5).shape == [5, 4, 3])
      #expect(p.mean.shape == [4, 3])
      return logs.sum() + p.mean.sine().sum() + p.sample(count: 2).sine().sum()
    }
    #expect(error < 1e-6)
  }

  @Test func noGradientFlowsToADetachedOne() throws {
    let (density, store) = try density(3, dimensions: 3, context: 2)
    let function = try DoubleFunction([[4, 3], [4, 2]], store: store) { graph, inputs in
      let p = density.distribution(leading: [4], context: inputs[1], in: graph)
      let log = (p.detached?.logProbability(inputs[0]) ?? graph.constant([.nan], shape: [4])).sum()
      let wanted = [inputs[0], inputs[1]] + density.variables.map(graph.read)
      return [log - p.logProbability(inputs[0]).sum()] + gradient(of: log, withRespectTo: wanted)
    }
    let values = try function([normals(12, "x"), normals(8, "context")])
    #expect(abs(values[0][0]) < 1e-12)
    #expect(values[1].allSatisfy { $0 != 0 })
    #expect(values.dropFirst(2).allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  @Test func itLearnsWhatNoFactorizedDensityCan() throws {
    let (density, store) = try density(4, deviation: nil)
    var stream = RandomStream(seed: 3, name: "parabola")
    let points = (0..<1000).flatMap { _ -> [Float] in
      let x = 4 * stream.nextUniform() - 2
      return [Float(x), Float(x * x - 1 + 0.2 * (stream.nextUniform() - 0.5))]
    }
    let graph = Graph()
    let x = graph.constant(points.map(Double.init), shape: [1000, 2])
    let loss = -density.distribution(leading: [1000], in: graph).logProbability(x).mean()
    OptimizerState(.adam(learningRate: 0.01), over: density.variables)
      .minimize(loss, learningRate: graph.constant(0.01))
    let step = try CPUBackend().compile(Program(graph: graph, outputs: [loss]), state: store)
    let losses = try (0..<400).map { _ in try step.run([])[0].doubles[0] }
    // The marginals' entropies are log 4 and above 0.9 nats; given the first, the second's is log 0.2 = -1.6.
    #expect((losses.last ?? .infinity) < 0.5)
  }
}
