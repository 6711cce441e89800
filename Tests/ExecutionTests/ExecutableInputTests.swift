import Latent
import Testing

/// What a program is given is checked before it is copied anywhere.
@Suite struct ExecutableInputTests {
  static let backends: [any Backend] = [CPUBackend(), ReferenceBackend()]

  private func executable(_ backend: any Backend) throws -> any Executable {
    let graph = Graph()
    let (x, w) = (graph.input("x", shape: [2, 3]), graph.input("w", shape: [3, 2]))
    return try backend.compile(Program(graph: graph, outputs: [x.dot(w)]), state: VariableStore(seed: 0))
  }

  @Test(arguments: backends.indices)
  func inputsThatDoNotFitAreErrors(_ index: Int) throws {
    let executable = try executable(Self.backends[index])
    let (x, w) = (
      HostTensor([1, 2, 3, 4, 5, 6], shape: [2, 3]), HostTensor([1.0, 1, 1, 1, 1, 1], shape: [3, 2], type: .float32)
    )
    #expect(try executable.run([x, w])[0].doubles == [6, 6, 15, 15])
    for (inputs, problem) in [
      ([x], "The program has 2 inputs and was given 1"),
      ([x, x], "Input 1 of the program is float32 [3, 2] and was given float32 [2, 3]"),
      (
        [x, HostTensor([1, 1, 1, 1, 1, 1], shape: [3, 2], type: .int32)],
        "Input 1 of the program is float32 [3, 2] and was given int32 [3, 2]"
      ),
    ] {
      let error = #expect(throws: LatentError.self) { try executable.run(inputs) }
      #expect(error?.problem == problem)
    }
  }

  @Test(arguments: backends.indices)
  func lentMemoryHasTheSizeOfTheInput(_ index: Int) throws {
    let executable = try executable(Self.backends[index])
    for count in [0, 5, 7, 1000] {
      let floats = [Float](repeating: 1, count: count)
      let error = #expect(throws: LatentError.self) {
        try floats.withUnsafeBytes { try executable.lendInput(0, $0) {} }
      }
      #expect(error?.problem.contains("takes 24 bytes and not \(count * 4)") == true)
    }
    let six = [Float](repeating: 1, count: 6)
    #expect(throws: LatentError.self) { try six.withUnsafeBytes { try executable.lendInput(2, $0) {} } }
  }

  /// Mistakes of a program say what they are, in release builds too.
  @Test func aMistakeInAProgramStopsItWithASentence() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let graph = Graph()
      let w = Variable("w", shape: [2])
      graph.update(w, to: graph.constant([1], shape: [2]))
      graph.update(w, to: graph.constant([2], shape: [2]))
      _ = Program(graph: graph, outputs: [])
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("a variable is assigned twice"))
  }

  @Test func aGradientOfSomethingThatIsNoScalarIsNamed() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Graph().input("x", shape: [2])
      _ = gradient(of: x.squared(), withRespectTo: [x])
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("scalar"))
  }

  @Test func tensorsOfTwoGraphsDoNotMix() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let (x, y) = (Graph().input("x", shape: [2]), Graph().input("y", shape: [2]))
      _ = x + y
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("operands of one operation belong to one graph"))
  }
}
