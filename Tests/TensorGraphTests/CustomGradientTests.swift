import Latent
import TestSupport
import Testing

/// Gradients that are given instead of derived.
@Suite(.serialized) struct CustomGradientTests {
  private func run(_ outputs: (Tensor) -> [Tensor], at values: [Double]) throws -> [[Double]] {
    let graph = Graph()
    let x = graph.input("x", shape: [values.count])
    let results = try [ReferenceBackend() as any Backend, CPUBackend()].map { backend in
      // The gradient of a rule need not read the input.
      let program = Program(graph: graph, outputs: outputs(x) + [x.stopGradient()])
      return try backend.compile(program, state: VariableStore(seed: 0)).run([
        HostTensor(values, shape: [values.count])
      ]).map(\.doubles)
    }
    #expect(zip(results[0], results[1]).allSatisfy { largestDifference($0, $1) < 1e-6 })
    return results[0]
  }

  @Test func aStraightThroughEstimatorHasTheValueOfOneAndTheGradientOfTheOther() throws {
    let results = try run(
      { x in
        let y = x.round().withGradient(of: x * 3)
        return [y, gradient(of: (y * y).sum(), withRespectTo: [x])[0]]
      }, at: [0.4, 1.6, -2.2])
    #expect(results[0] == [0, 2, -2])
    #expect(results[1] == [0, 12, -12])
  }

  @Test func aRuleReplacesTheDerivedGradient() throws {
    let results = try run(
      { x in
        let y = Tensor.customGradient(of: [x]) {
          $0[0].exp()
        } backward: { operands, result, cotangent in
          [cotangent * (operands[0] + 100) + result * 0]
        }
        return [gradient(of: (y * 2).sum(), withRespectTo: [x])[0]]
      }, at: [0, 1])
    #expect(results[0] == [200, 202])
  }

  @Test func rulesAreDifferentiatedInTheirTurn() throws {
    let results = try run(
      { x in
        let cube = Tensor.customGradient(of: [x]) {
          $0[0] * $0[0] * $0[0]
        } backward: { operands, _, cotangent in
          [cotangent * operands[0] * operands[0] * 3]
        }
        let first = gradient(of: cube.sum(), withRespectTo: [x])[0]
        return [first, gradient(of: first.sum(), withRespectTo: [x])[0]]
      }, at: [2, -1])
    #expect(results[0] == [12, 3] && results[1] == [12, -6])
  }

  @Test func aRuleWithoutACotangentStopsTheGradient() throws {
    let results = try run(
      { x in
        let y = (x * 5).withGradient(to: [x], by: CustomGradient { _, _, _ in [nil] })
        return [gradient(of: y.sum(), withRespectTo: [x])[0]]
      }, at: [1])
    #expect(results[0] == [0])
  }

  /// Two values by one rule are one node.
  @Test func equalValuesByOneRuleAreOne() {
    let graph = Graph()
    let x = graph.input("x", shape: [2])
    let rule = CustomGradient { _, _, cotangent in [cotangent] }
    #expect(x.exp().withGradient(to: [x], by: rule) == x.exp().withGradient(to: [x], by: rule))
    #expect(
      x.exp().withGradient(to: [x], by: rule) != x.exp().withGradient(to: [x], by: CustomGradient { _, _, g in [g] }))
  }

  /// A graph that holds rules is given back when nobody holds it.
  @Test func aRuleDoesNotKeepItsGraph() {
    weak var remembered: Graph?
    do {
      let graph = Graph()
      let x = graph.input("x", shape: [2])
      let y = graph.checkpointed { x.exp().withGradient(of: x) }
      _ = gradient(of: y.sum(), withRespectTo: [x])
      remembered = graph
    }
    #expect(remembered == nil)
  }
}
