import Latent
import Testing

/// A mistake in a shape stops the program with a sentence that says which operation, which shapes, and where.
@Suite struct ShapeMistakeTests {
  @Test func dotNamesItsOperandsAndTheLine() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let graph = Graph()
      let left = graph.input("left", shape: [2, 3])
      _ = graph.scope("encoder") { left.dot(graph.input("right", shape: [4, 5])) }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("dot of float32 [2, 3] and float32 [4, 5] in encoder"))
    #expect(message.contains("inner sizes 3 and 4 must be equal"))
    #expect(message.contains("ShapeMistakeTests.swift"))
  }

  @Test func operatorsNameTheirOperands() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      addMismatched()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("add of float32 [2, 3] and float32 [4]: shapes must be equal or broadcast"))
    #expect(message.contains("ShapeMistakeTests.swift"))
  }

  @Test func typesMustBeEqual() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      _ = graph.input("left", shape: [2]) + graph.input("right", shape: [2], type: .int32)
    }
  }

  @Test func reshapeKeepsTheNumberOfElements() async {
    await #expect(processExitsWith: .failure) { _ = Graph().input("x", shape: [2, 3]).reshape([7]) }
  }

  @Test func logicIsNotDefinedForFloats() async {
    await #expect(processExitsWith: .failure) {
      let x = Graph().input("x", shape: [2])
      _ = x & x
    }
  }
}

/// Outside the macro, whose expansion has lines of its own.
private func addMismatched() {
  let graph = Graph()
  _ = graph.input("left", shape: [2, 3]) + graph.input("right", shape: [4])
}
