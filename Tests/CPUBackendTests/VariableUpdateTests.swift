import Latent
import Testing

/// Variables that programs update, on both back ends.
@Suite(.serialized) struct VariableUpdateTests {
  static let backends: [any Backend] = [CPUBackend(), ReferenceBackend()]

  private func run(
    _ backend: any Backend, _ variables: [Variable], times: Int = 1, _ build: (Graph) -> [Tensor]
  ) throws -> ([[Double]], [HostTensor]) {
    let graph = Graph()
    let outputs = build(graph)
    let store = VariableStore(seed: 0)
    let executable = try backend.compile(Program(graph: graph, outputs: outputs), state: store)
    var results: [HostTensor] = []
    for _ in 0..<times { results = try executable.run([]) }
    return (try variables.map { try store.value(of: $0).doubles }, results)
  }

  @Test(arguments: [0, 1])
  func updatesSeeTheOldValues(_ index: Int) throws {
    let a = Variable("a", shape: [3], initializer: .values([1, 2, 3]))
    let b = Variable("b", shape: [3], initializer: .values([10, 20, 30]))
    let (values, outputs) = try run(Self.backends[index], [a, b]) { graph in
      graph.update(a, to: graph.read(b))
      graph.update(b, to: graph.read(a))
      return [graph.read(a) + graph.read(b)]
    }
    #expect(values == [[10, 20, 30], [1, 2, 3]])
    #expect(outputs[0].doubles == [11, 22, 33])
  }

  @Test(arguments: [0, 1])
  func anOldValueCanBeUsedAfterItsUpdateInTheSameLoop(_ index: Int) throws {
    let a = Variable("a", shape: [3], initializer: .values([1, 2, 3]))
    let b = Variable("b", shape: [3], initializer: .values([0, 0, 0]))
    let (values, _) = try run(Self.backends[index], [a, b], times: 2) { graph in
      let old = graph.read(a)
      let new = old * 2
      graph.update(a, to: new)
      graph.update(b, to: new + old * 100)
      return []
    }
    #expect(values == [[4, 8, 12], [204, 408, 612]])
  }

  @Test(arguments: [0, 1])
  func aReversedOldValueIsNotOverwrittenWhileItIsRead(_ index: Int) throws {
    let a = Variable("a", shape: [4], initializer: .values([1, 2, 3, 4]))
    let (values, _) = try run(Self.backends[index], [a]) { graph in
      graph.update(a, to: graph.read(a) + graph.read(a).reverse([0]) * 10)
      return []
    }
    #expect(values == [[41, 32, 23, 14]])
  }

  @Test(arguments: [0, 1])
  func anOldValueCanBeMultipliedAfterItsUpdateIsComputed(_ index: Int) throws {
    let w = Variable("w", shape: [2, 2], initializer: .values([1, 2, 3, 4]))
    let (values, outputs) = try run(Self.backends[index], [w]) { graph in
      let old = graph.read(w)
      let new = old + 1
      graph.update(w, to: new)
      return [new.dot(old), new]
    }
    #expect(values == [[2, 3, 4, 5]])
    #expect(outputs[0].doubles == [11, 16, 19, 28])
    #expect(outputs[1].doubles == [2, 3, 4, 5])
  }

  @Test(arguments: [0, 1])
  func anOldValueCanBeSummedInTheLoopThatReplacesIt(_ index: Int) throws {
    let a = Variable("a", shape: [2, 3], initializer: .values([1, 2, 3, 4, 5, 6]))
    let (values, outputs) = try run(Self.backends[index], [a]) { graph in
      let old = graph.read(a)
      graph.update(a, to: old * 10)
      return [old.sum([0])]
    }
    #expect(values == [[10, 20, 30, 40, 50, 60]])
    #expect(outputs[0].doubles == [5, 7, 9])
  }

  @Test(arguments: [0, 1])
  func oneValueCanGoToTwoVariables(_ index: Int) throws {
    let a = Variable("a", shape: [2], initializer: .values([1, 2]))
    let b = Variable("b", shape: [2])
    let (values, _) = try run(Self.backends[index], [a, b], times: 3) { graph in
      let new = graph.read(a).exp().log() + 1
      graph.update(a, to: new)
      graph.update(b, to: new)
      return []
    }
    #expect(zip(values[0], [4.0, 5]).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(values[0] == values[1])
  }

  @Test func whatDependsOnVariablesAloneFollowsThem() throws {
    let w = Variable("w", shape: [2, 2], initializer: .values([1, 2, 3, 4]))
    let store = VariableStore(seed: 0)
    let reader = Graph()
    let x = reader.input("x", shape: [1, 2])
    let program = Program(graph: reader, outputs: [x.dot((reader.read(w) * 2).transpose([1, 0]).exp().log())])
    let executable = try CPUBackend().compile(program, state: store)
    let writer = Graph()
    writer.update(w, to: writer.read(w) + 1)
    let update = try CPUBackend().compile(Program(graph: writer, outputs: []), state: store)
    let one = HostTensor([1, 1], shape: [1, 2])
    func result() throws -> [Double] { try executable.run([one])[0].doubles.map { ($0 * 1000).rounded() / 1000 } }
    #expect(try result() == [6, 14])
    #expect(try result() == [6, 14])
    try update.run(RandomState(seed: 0))
    #expect(try result() == [10, 18])
    // Whoever assigns, and however: a profiled run, and another back end on the same store.
    _ = try update.profile(RandomState(seed: 0))
    #expect(try result() == [14, 22])
    let reference = try ReferenceBackend().compile(Program(graph: writer, outputs: []), state: store)
    try reference.run(RandomState(seed: 0))
    #expect(try result() == [18, 26])
    try store.set(w, to: HostTensor([0, 0, 0, 1], shape: [2, 2]))
    #expect(try result() == [0, 2])
  }

  @Test func firstNonFiniteNamesTheOperationAndChangesNothing() throws {
    for backend in Self.backends {
      let graph = Graph()
      let w = Variable("weights", shape: [2], initializer: .values([1, 1000]))
      let bad = graph.scope("decoder/hidden0") { graph.read(w).exp() }
      graph.update(w, to: bad)
      let store = VariableStore(seed: 0)
      let executable = try backend.compile(Program(graph: graph, outputs: [bad.sum()]), state: store)
      #expect(try executable.firstNonFinite(RandomState(seed: 0))?.hasSuffix("in decoder/hidden0") == true)
      #expect(try store.value(of: w).doubles == [1, 1000])
      try executable.run(RandomState(seed: 0))
      #expect(try executable.firstNonFinite(RandomState(seed: 0)) == "variable weights")
    }
  }

  @Test func theSameSeedAndStepGiveTheSameNumbersWhateverRanBefore() throws {
    let graph = Graph()
    let program = Program(graph: graph, outputs: [graph.random(.normal, shape: [1000])])
    let executable = try CPUBackend().compile(program, state: VariableStore(seed: 0))
    let first = try executable.run([], random: RandomState(seed: 1, step: 7))
    _ = try executable.run([], random: RandomState(seed: 1, step: 8))
    #expect(try executable.run([], random: RandomState(seed: 1, step: 7)) == first)
    #expect(try executable.run([], random: RandomState(seed: 2, step: 7)) != first)
  }
}
