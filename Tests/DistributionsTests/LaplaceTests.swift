import Foundation
import Latent
import TestSupport
import Testing

/// Gradients through draws from the Laplace distribution.
@Suite struct LaplaceTests {
  @Test func theGradientOfADrawIsItsStandardizedPlace() throws {
    let graph = Graph()
    let (mean, logScale) = (graph.input("mean", shape: [3]), graph.input("logScale", shape: [3]))
    let draws = Laplace(mean: mean, logScale: logScale).sample(count: nil)
    let gradients = gradient(of: draws.sum(), withRespectTo: [mean, logScale])
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: [draws] + gradients + [mean.stopGradient()]), state: VariableStore(seed: 0))
    let means = HostTensor([1, -2, 0], shape: [3])
    let results = try executable.run([means, HostTensor([-1, 0, 2], shape: [3])]).map(\.doubles)
    #expect(results[1] == [1, 1, 1])
    #expect(largestDifference(results[2], zip(results[0], means.doubles).map { $0 - $1 }) < 1e-6)
    #expect(results[2].allSatisfy { $0 != 0 })
  }
}
