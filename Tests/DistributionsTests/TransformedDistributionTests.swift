import Foundation
import Latent
import TestSupport
import Testing

/// Distributions through flows: density, sampler, shapes, and what is refused.
@Suite(.serialized) struct TransformedDistributionTests {
  private func store(_ variables: [Variable]) throws -> VariableStore {
    let store = VariableStore(seed: 0)
    try randomize(variables, in: store, deviation: 0.35)
    return store
  }

  @Test(arguments: FlowStack.Kind.allCases, [0, 2])
  func theDensityIntegratesToOneAndTheSamplerFollowsIt(_ kind: FlowStack.Kind, _ context: Int) throws {
    let stack = FlowStack(
      "stack", kind: kind, dimensions: 2, steps: 2, hidden: [12], context: context, activation: .tanh)
    try expectDensityAndSamplerAgree(store: try store(stack.variables)) { graph in
      let context = context > 0 ? graph.constant([0.7, -1.2], shape: [1, 2]) : nil
      return Flattened(
        distribution: TransformedDistribution(
          base: StandardNormal(shape: [1, 2], in: graph), through: stack.bijections(context: context)))
    }
  }

  /// Draws [n, 1, 2] as [n, 2].
  private struct Flattened: Distribution {
    let distribution: any Distribution
    var mean: Tensor { distribution.mean }
    func logProbability(_ x: Tensor) -> Tensor {
      distribution.logProbability(x.expandingDimension(1)).reshape([x.shape[0]])
    }
    func sample(count: Int?) -> Tensor {
      let draws = distribution.sample(count: count)
      return draws.reshape([draws.shape[0], 2])
    }
  }

  @Test(arguments: FlowStack.Kind.allCases)
  func drawsHaveTheDensityThatTheyComeWith(_ kind: FlowStack.Kind) throws {
    let stack = FlowStack("stack", kind: kind, dimensions: 5, steps: 3, hidden: [16], context: 4)
    let function = try DoubleFunction([[3, 5], [15], [3, 4]], store: try store(stack.variables)) { _, inputs in
      let base = MultivariateNormal(mean: inputs[0], factor: CholeskyFactor(unconstrained: inputs[1]))
      let distribution = TransformedDistribution(base: base, through: stack.bijections(context: inputs[2]))
      #expect(distribution.hasDensity)
      let (sample, logProbability) = distribution.sampleWithLogProbability(count: 7)
      #expect(sample.shape == [7, 3, 5])
      #expect(logProbability.shape == [7, 3])
      #expect(distribution.sample(count: nil).shape == [3, 5])
      #expect(distribution.mean.shape == [3, 5])
      return [logProbability, distribution.logProbability(sample)]
    }
    let values = try function([normals(15, "mean"), normals(15, "factor"), normals(12, "context")])
    #expect(largestDifference(values[0], values[1]) < 1e-9)
  }

  @Test func onlyMapsWithAnInverseGiveADensity() async {
    let graph = Graph()
    let parameters = graph.constant([0.1], shape: [1, 5])
    let base = StandardNormal(shape: [1, 2], in: graph)
    let inner = TransformedDistribution(
      base: base, through: [Permutation.reversal(dimensions: 2), PlanarFlow(parameters: parameters)])
    #expect(!inner.hasDensity)
    #expect(!TransformedDistribution(base: inner, through: [Permutation([1, 0])]).hasDensity)
    #expect(TransformedDistribution(base: base, through: [Permutation([1, 0])]).hasDensity)
    #expect(inner.detached == nil)
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let graph = Graph()
      let distribution = TransformedDistribution(
        base: StandardNormal(shape: [1, 2], in: graph),
        through: [RadialFlow(parameters: graph.constant([0.1], shape: [1, 4]))])
      _ = distribution.logProbability(graph.constant([0], shape: [1, 2]))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("RadialFlow has no inverse in closed form"))
  }

  @Test func theMeanIsTheImageOfTheBasesMean() throws {
    let graph = Graph()
    let base = DiagonalNormal(
      mean: graph.constant([1, 2, 3], shape: [3]), logVariance: graph.constant([0], shape: [3]))
    let distribution = TransformedDistribution(base: base, through: [Permutation([2, 0, 1])])
    let values = try CPUBackend().compile(
      Program(graph: graph, outputs: [distribution.mean]), state: VariableStore(seed: 0)
    ).run([])[0].doubles
    #expect(values == [3, 1, 2])
  }

  @Test func aContextIsGivenExactlyToWhatWasMadeForOne() async {
    // The same calls, right and wrong, so that it is the context and nothing else that stops them.
    await #expect(processExitsWith: .success) {
      TransformedDistributionTests.invertMasked(hasContext: true)
      TransformedDistributionTests.passCoupling(hasContext: false)
    }
    await #expect(processExitsWith: .failure) { TransformedDistributionTests.invertMasked(hasContext: false) }
    await #expect(processExitsWith: .failure) { TransformedDistributionTests.passCoupling(hasContext: true) }
  }

  /// Through a flow that was made for a context of three numbers.
  fileprivate static func invertMasked(hasContext: Bool) {
    let graph = Graph()
    let flow = MaskedAutoregressiveFlow("flow", dimensions: 2, hidden: [4], context: 3)
    let context = hasContext ? graph.input("h", shape: [1, 3]) : nil
    _ = flow.bijection(context: context).inverse(graph.input("x", shape: [1, 2]))
  }

  /// Through a flow that was made for none.
  fileprivate static func passCoupling(hasContext: Bool) {
    let graph = Graph()
    let flow = RealNVP("flow", dimensions: 2, hidden: [4])
    let context = hasContext ? graph.input("h", shape: [1, 3]) : nil
    _ = flow.bijection(context: context).forward(graph.input("x", shape: [1, 2]))
  }
}
