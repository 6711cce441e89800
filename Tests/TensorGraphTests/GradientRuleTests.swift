import Latent
import Testing

/// What the gradient rules do where no derivative says what they must, so that no finite difference can ask.
@Suite struct GradientRuleTests {
  /// The gradients of a sum with respect to inputs that hold the given numbers.
  private func gradients(_ values: [[Double]], _ build: ([Tensor]) -> Tensor) throws -> [[Double]] {
    let graph = Graph()
    let inputs = values.enumerated().map { graph.input("input\($0)", shape: [$1.count]) }
    let slopes = gradient(of: build(inputs).sum(), withRespectTo: inputs)
    let program = Program(graph: graph, outputs: slopes + inputs.map { $0.stopGradient() })
    let executable = try ReferenceBackend().compile(program, state: VariableStore(seed: 0))
    let outputs = try executable.run(values.map { HostTensor($0, shape: [$0.count]) })
    return outputs.prefix(values.count).map(\.doubles)
  }

  @Test func equalExtremaShareTheirCotangent() throws {
    let largest = try gradients([[1, 3, 3, 2, 3]]) { $0[0].max() * 6 }
    #expect(largest == [[0, 2, 2, 0, 2]])
    let smallest = try gradients([[4, 3, 3, 9]]) { $0[0].min() * 6 }
    #expect(smallest == [[0, 3, 3, 0]])
  }

  @Test func ofEqualOperandsTheSecondTakesTheWholeCotangent() throws {
    #expect(try gradients([[1, 2, 3], [2, 2, 2]]) { $0[0].maximum($0[1]) } == [[0, 0, 1], [1, 1, 0]])
    #expect(try gradients([[1, 2, 3], [2, 2, 2]]) { $0[0].minimum($0[1]) } == [[1, 0, 0], [0, 1, 1]])
    // So that a rectifier is flat at 0.
    #expect(try gradients([[-1, 0, 1]]) { $0[0].relu() } == [[0, 0, 1]])
  }

  @Test func anExponentOfABaseThatIsNotPositiveGetsNoGradient() throws {
    let slopes = try gradients([[0, -2, 2], [2, 2, 2]]) { $0[0].power($0[1]) }
    #expect(slopes[0] == [0, -4, 4])
    #expect(slopes[1][0] == 0 && slopes[1][1] == 0)
    #expect(abs(slopes[1][2] - 2.772_588_7) < 1e-6)
  }

  @Test func stepsAndIntegersStopTheGradient() throws {
    let slopes = try gradients([[0.4, 1.6]]) { inputs in
      let x = inputs[0]
      return x * 2 + x.floor() + x.round() + x.sign() + x.ceil() + x.converted(to: .int32).converted(to: .float32)
        + x.stopGradient() * 5
    }
    #expect(slopes == [[2, 2]])
  }

  @Test func whatTheObjectiveDoesNotDependOnGetsZeros() throws {
    #expect(try gradients([[1, 2], [3, 4, 5]]) { $0[0].exp() * 0 + $0[0] } == [[1, 1], [0, 0, 0]])
  }

  @Test func everyUseOfATensorAddsToItsGradient() throws {
    #expect(try gradients([[2, -3]]) { $0[0] * $0[0] * $0[0] + $0[0] + $0[0] } == [[14, 29]])
  }
}
