import Latent
import Testing

@Suite struct VariableStoreTests {
  @Test func initialValuesDependOnSeedAndNameAlone() throws {
    let (a, b) = (
      Variable("a", shape: [5], initializer: .uniform(limit: 1)),
      Variable("b", shape: [5], initializer: .uniform(limit: 1))
    )
    let (first, second) = (VariableStore(seed: 3), VariableStore(seed: 3))
    let value = try first.value(of: a)
    _ = try second.value(of: b)
    #expect(try second.value(of: a) == value)
    #expect(try second.value(of: b) != value)
    #expect(try VariableStore(seed: 4).value(of: a) != value)
  }

  @Test func normalInitialValuesHaveTheirStandardDeviation() throws {
    let variable = Variable("w", shape: [20_000], initializer: .normal(standardDeviation: 0.1))
    let values = try VariableStore(seed: 1).value(of: variable).doubles
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.003)
    #expect(abs(variance.squareRoot() - 0.1) < 0.002)
  }

  @Test func glorotsLimitFollowsFromBothFans() {
    #expect(Initializer.glorotUniform(fanIn: 2, fanOut: 4) == .uniform(limit: 1))
  }

  /// Random initial values and checkpoints go by the name.
  @Test func twoVariablesOfOneNameAreRefused() throws {
    let store = VariableStore(seed: 0)
    let first = Variable("w", shape: [2], initializer: .uniform(limit: 1))
    _ = try store.buffer(of: first)
    _ = try store.buffer(of: first)
    for other in [Variable("w", shape: [2], initializer: .uniform(limit: 1)), Variable("w", shape: [3])] {
      let error = #expect(throws: LatentError.self) { try store.buffer(of: other) }
      #expect(error?.problem == "Two variables are called w")
      #expect(throws: LatentError.self) { try store.set(other, to: HostTensor([1, 2, 3], shape: [3])) }
    }
    let graph = Graph()
    let sum = graph.read(Variable("v", shape: [2])) + graph.read(Variable("v", shape: [2]))
    for backend in [CPUBackend() as any Backend, ReferenceBackend()] {
      #expect(throws: LatentError.self) {
        let executable = try backend.compile(Program(graph: graph, outputs: [sum]), state: VariableStore(seed: 0))
        _ = try executable.run([])
      }
    }
  }

  @Test func aCopyBeginsWithWhatTheOtherHasByThen() throws {
    let original = Variable("w", shape: [3], initializer: .uniform(limit: 1))
    let store = VariableStore(seed: 5)
    let (early, late) = (
      Variable("early", shape: [3], initializer: .copy(original)),
      Variable("late", shape: [3], initializer: .copy(original))
    )
    let value = try store.value(of: early)
    #expect(try store.value(of: original) == value)
    try store.set(original, to: HostTensor([1, 2, 3], shape: [3]))
    #expect(try store.value(of: early) == value)
    #expect(try store.value(of: late).doubles == [1, 2, 3])
  }

  @Test func valuesOfAnotherShapeAreRefused() {
    let store = VariableStore(seed: 0)
    let error = #expect(throws: LatentError.self) {
      try store.set(Variable("w", shape: [2]), to: HostTensor([1, 2, 3], shape: [3]))
    }
    #expect(error?.problem == "The value for w is float32 [3], not float32 [2]")
  }

  @Test(arguments: ElementType.allCases)
  func hostTensorsKeepWhatTheirTypeCanHold(_ type: ElementType) {
    let values: [Double] = type == .bool ? [0, 1, 1] : [-3, 0, 2]
    #expect(HostTensor(values, shape: [3], type: type).doubles == values)
  }

  @Test func hostTensorsConvertAsConvertDoes() {
    #expect(HostTensor([2.9, -2.9, 1e20, .nan], shape: [4], type: .int32).doubles == [2, -2, 2_147_483_647, 0])
    #expect(HostTensor([0.5, 0], shape: [2], type: .bool).doubles == [1, 0])
    // Between 1 and 1 + 2^-7 the nearest bfloat16 is 1 up to the middle, which goes to the even one.
    #expect(HostTensor([1 + 0x1p-8, 1 + 0x1.8p-8], shape: [2], type: .bfloat16).doubles == [1, 1 + 0x1p-7])
  }

  @Test func randomStatesSurviveTheirWords() {
    let state = RandomState(seed: 0xFEDC_BA98_7654_3210, step: 0x0123_4567_89AB_CDEF)
    #expect(RandomState(words: state.words) == state)
  }
}
