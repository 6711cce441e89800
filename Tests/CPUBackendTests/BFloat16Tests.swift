import LatentCPUBackend
import Latent
import TestSupport
import Testing

/// Products in bfloat16 with float32 sums, on both back ends.
@Suite(.serialized, .enabled(if: CPUBackend.hasBFloat16, "the processor has bfloat16 products"))
struct BFloat16Tests {
  private func values(_ shape: Shape, _ name: String) -> HostTensor {
    var stream = RandomStream(seed: 3, name: name)
    return HostTensor((0..<shape.elementCount).map { _ in Float(4 * stream.nextUniform() - 2) }, shape: shape)
  }

  /// The results and gradients of a product on both back ends, and the float32 result.
  private func check(_ left: Shape, _ right: Shape, _ product: (Tensor, Tensor) -> Tensor) throws {
    func program(_ precision: ElementType) -> Program {
      let graph = Graph(matrixPrecision: precision)
      let (a, b) = (graph.input("a", shape: left), graph.input("b", shape: right))
      let result = product(a, b)
      #expect(result.type == .float32)
      return Program(graph: graph, outputs: [result] + gradient(of: result.sine().sum(), withRespectTo: [a, b]))
    }
    let inputs = [values(left, "left"), values(right, "right")]
    let store = VariableStore(seed: 0)
    let actual = try CPUBackend().compile(program(.bfloat16), state: store).run(inputs)
    let expected = try ReferenceBackend().compile(program(.bfloat16), state: store).run(inputs)
    let exact = try ReferenceBackend().compile(program(.float32), state: store).run(inputs)
    // The last bit of a sum can round a cotangent to the next bfloat16.
    for (actual, expected) in zip(actual, expected) {
      #expect(largestDifference(actual.doubles, expected.doubles) < 2e-2)
    }
    #expect(largestDifference(actual[0].doubles, expected[0].doubles) < 1e-5)
    let rounding = largestDifference(actual[0].doubles, exact[0].doubles)
    #expect(rounding > 1e-5 && rounding < 0.1)
  }

  @Test func matrixProducts() throws {
    try check([5, 7], [7, 6]) { $0.dot($1) }
    try check([7, 5], [6, 7]) { $0.dot($1, transposeLeft: true, transposeRight: true) }
    try check([2, 5, 7], [2, 7, 6]) { $0.dot($1) }
    try check([1, 70], [70, 150]) { $0.dot($1) }
  }

  @Test func convolutions() throws {
    try check([2, 6, 6, 4], [3, 3, 4, 8]) { $0.convolution($1, padding: .same) }
    try check([2, 8, 8, 3], [4, 4, 3, 16]) { $0.convolution($1, strides: [2, 2], padding: .same) }
    try check([2, 4, 4, 16], [4, 4, 3, 16]) {
      $0.transposedConvolution($1, outputSize: [8, 8], strides: [2, 2], padding: .same)
    }
  }
}
