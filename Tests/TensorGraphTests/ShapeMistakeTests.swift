import Latent
import Testing

/// A mistake in a shape stops the program with a sentence that says which operation, which shapes, and where.
@Suite struct ShapeMistakeTests {
  @Test func dotNamesItsOperandsAndTheLine() async {
    let message = Self.message(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let graph = Graph()
        let left = graph.input("left", shape: [2, 3])
        _ = graph.scope("encoder") { left.dot(graph.input("right", shape: [4, 5])) }
      })
    #expect(message.contains("dot of float32 [2, 3] and float32 [4, 5] in encoder"))
    #expect(message.contains("inner sizes 3 and 4 must be equal"))
    #expect(message.contains("ShapeMistakeTests.swift"))
  }

  @Test func attentionNamesTheHeadsThatDoNotDivide() async {
    let message = Self.message(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let graph = Graph()
        let keys = graph.input("keys", shape: [2, 7, 3, 4])
        _ = graph.input("queries", shape: [2, 5, 4, 4]).attention(keys: keys, values: keys)
      })
    #expect(message.contains("3 heads of keys do not divide 4 heads of queries"))
    #expect(message.contains("ShapeMistakeTests.swift"))
  }

  @Test func operatorsNameTheirOperands() async {
    let message = Self.message(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { addMismatched() })
    #expect(message.contains("add of float32 [2, 3] and float32 [4]: shapes must be equal or broadcast"))
    #expect(message.contains("ShapeMistakeTests.swift"))
  }

  @Test func typesMustBeEqual() async {
    let message = Self.message(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let graph = Graph()
        _ = graph.input("left", shape: [2]) + graph.input("right", shape: [2], type: .int32)
      })
    #expect(message.contains("add of float32 [2] and int32 [2]: element types must be equal"))
  }

  @Test func reshapeKeepsTheNumberOfElements() async {
    let message = Self.message(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Graph().input("x", shape: [2, 3]).reshape([7])
      })
    #expect(message.contains("reshape to [7] of float32 [2, 3]: the number of elements must stay"))
  }

  @Test func logicIsNotDefinedForFloats() async {
    let message = Self.message(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let x = Graph().input("x", shape: [2])
        _ = x & x
      })
    #expect(message.contains("and of float32 [2] and float32 [2]: not defined for float32"))
  }

  /// What a formula of sums gets wrong, and the clause that says so.
  @Test(arguments: [0, 1, 2, 3, 4, 5])
  func einsumSaysWhatIsWrongWithItsFormula(_ place: Int) async {
    let clauses = [
      "einsum `ij,j` of float32 [2, 3]: 2 operands are named and 1 given",
      "`i` names 1 dimensions of operand 0, which has 2",
      "no operand has the result's dimension `k`", "the result names a dimension twice",
      "`.` is no letter from a to z", "`i` is 2 and 3",
    ]
    let result: ExitTest.Result?
    switch place {
    case 0: result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { sum("ij,j") }
    case 1: result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { sum("i->i") }
    case 2: result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { sum("ij->k") }
    case 3: result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { sum("ij->ii") }
    case 4: result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { sum("...j->j") }
    default: result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { sum("ii->i") }
    }
    let message = Self.message(result)
    #expect(message.contains(clauses[place]), "\(message)")
    #expect(message.contains("ShapeMistakeTests.swift"))
  }

  /// The operation is in a layer's file, the mistake in this one.
  @Test(arguments: ["Dense", "operator", "requirement"])
  func aMistakeInsideALayerNamesTheLineThatUsesIt(_ which: String) async {
    let result: ExitTest.Result?
    switch which {
    case "Dense":
      result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { useWrongWidth() }
    case "operator":
      result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { addWrongBlock() }
    default:
      result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { groupUnevenly() }
    }
    let message = Self.message(result)
    #expect(message.contains("called at "), "\(message)")
    #expect(message.contains("ShapeMistakeTests.swift:\(userLines[which] ?? 0)"), "\(message)")
  }

  /// What a process that stopped has written: a crash of another kind has not the sentence.
  private static func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }
}

private func sum(_ formula: String) {
  _ = Tensor.einsum(formula, Graph().input("x", shape: [2, 3]))
}

/// Outside the macro, whose expansion has lines of its own.
private func addMismatched() {
  let graph = Graph()
  _ = graph.input("left", shape: [2, 3]) + graph.input("right", shape: [4])
}

/// Where the functions below make their mistakes.
private let userLines: [String: Int] = ["Dense": denseLine, "operator": operatorLine, "requirement": requirementLine]

private let denseLine = #line + 3
private func useWrongWidth() {
  let input = Graph().input("x", shape: [2, 3])
  let output = Dense("encoder/hidden", inputs: 4, outputs: 5)(input)
  print(output.shape)
}

private let operatorLine = #line + 3
private func addWrongBlock() {
  let block = Sequential([Residual([Dense("block", inputs: 4, outputs: 5)])])
  let output = block(Graph().input("x", shape: [2, 4]), mode: .training)
  print(output.shape)
}

private let requirementLine = #line + 2
private func groupUnevenly() {
  let layer = GroupNormalization("norm", features: 6, groups: 4)
  print(layer.variables)
}
