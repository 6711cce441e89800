import Foundation
import Latent
import TestSupport
import Testing

/// Training and inference on several threads of one process: the bits are those of each alone.
@Suite(.serialized) struct ConcurrencyTests {
  /// A dense model and a convolutional one, each with threads of its own.
  private static func trainer(_ index: Int, threads: Int) throws -> Trainer {
    var model = smallModel(latents: 3, hidden: [40])
    if index % 2 == 1 {
      model.encoder.network = .convolutional(channels: [32, 64], hidden: [64])
      model.decoder.network = .convolutional(channels: [32, 64], hidden: [64])
    }
    let configuration = RunConfiguration(
      model: model, optimizer: .adam(learningRate: 5e-3), batchSize: 30, epochs: 2, seed: UInt64(index))
    let data = Sprites.dataset(train: 60, test: 1)
    return try Trainer(configuration, dataset: data, backend: CPUBackend(threads: threads))
  }

  private static func weights(_ trainer: Trainer) throws -> [HostTensor] {
    try trainer.trained.model.variables.map(trainer.trained.store.value)
  }

  /// What a model is after training, on whichever thread this is called.
  private static func trained(_ index: Int, threads: Int) throws -> [HostTensor] {
    let trainer = try trainer(index, threads: threads)
    try trainer.run()
    return try weights(trainer)
  }

  /// Runs work on a thread of its own.
  private static func onNewThread<Value>(_ work: @escaping () throws -> Value) throws -> Value {
    nonisolated(unsafe) var result: Result<Value, any Error>?
    nonisolated(unsafe) let work = work
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      result = Result { try work() }
      done.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
    done.wait()
    return try #require(result).get()
  }

  @Test(arguments: [0, 1], [1, 2]) func aTrainerMadeOnOneThreadRunsOnAnother(_ index: Int, _ threads: Int) throws {
    let alone = try Self.trained(index, threads: threads)
    let trainer = try Self.onNewThread { try Self.trainer(index, threads: threads) }
    try Self.onNewThread { _ = try trainer.run() }
    #expect(try Self.weights(trainer) == alone)
  }

  @Test func trainersAtOnceGiveTheBitsThatTheyGiveAlone() async throws {
    let plans = [(0, 1), (1, 2), (2, 2), (3, 1)]
    let alone = try plans.map { try Self.trained($0.0, threads: $0.1) }
    let together = try await withThrowingTaskGroup(of: (Int, [HostTensor]).self) { group in
      for (place, plan) in plans.enumerated() {
        group.addTask { (place, try Self.trained(plan.0, threads: plan.1)) }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for place in plans.indices { #expect(together[place] == alone[place], "trainer \(place)") }
  }

  /// The gradient of a convolution with respect to its kernel, which oneDNN works out in memory of its own.
  @Test(arguments: [1, 2]) func whatOneThreadCompiledAnotherRuns(_ threads: Int) throws {
    func compiled() throws -> any Executable {
      let graph = Graph()
      let x = graph.random(.normal, shape: [16, 28, 28, 32])
      let kernel = graph.random(.normal, shape: [3, 3, 32, 64])
      let y = x.convolution(kernel)
      let backend = CPUBackend(threads: threads)
      return try backend.compile(
        Program(graph: graph, outputs: gradient(of: y.squared().sum(), withRespectTo: [kernel, x])),
        state: VariableStore(seed: 0))
    }
    let expected = try compiled().run([])
    let executable = try Self.onNewThread { try compiled() }
    let found = try Self.onNewThread { try executable.run([]) }
    #expect(found == expected)
    #expect(try Self.onNewThread { try executable.run([]) } == expected)
  }

  // MARK: Frozen models

  @Test func aFrozenModelServesTasksWhileItsTrainerGoesOn() async throws {
    let trainer = try Self.trainer(1, threads: 1)
    try trainer.run()
    let frozen = try trainer.trained.frozen()
    let data = try #require(Sprites.dataset(train: 1, test: 40).test)
    let expected = try (
      codes: Generator(trainer.trained).encode(data), bound: Evaluator(trainer.trained, seed: 3).bound(data)
    )
    let alone = try Self.trained(3, threads: 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<3 {
        group.addTask {
          for _ in 0..<3 {
            let codes = try Generator(frozen).encode(data)
            let bound = try Evaluator(frozen, seed: 3).bound(data)
            #expect(codes == expected.codes)
            #expect(bound == expected.bound)
          }
        }
      }
      group.addTask {
        let again = try Self.trained(3, threads: 2)
        #expect(again == alone)
      }
      try await group.waitForAll()
    }
  }

  /// Weights of the trainer that the model was frozen from may change; its own do not.
  @Test func whatIsFrozenStaysAsItIs() throws {
    var configuration = RunConfiguration(
      model: smallModel(latents: 3, hidden: [8]), optimizer: .adam(learningRate: 5e-3), batchSize: 30, epochs: 1,
      seed: 1)
    configuration.optimizer.averageDecay = 0.9
    let data = try smallImages(90)
    let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: data))
    try trainer.run()
    let frozen = try trainer.trained.frozen()
    let codes = try Generator(frozen).encode(data)
    #expect(try Generator(trainer.trained).encode(data) == codes, "the averages are frozen, not the weights under them")
    let store = trainer.trained.store
    for variable in store.variables where variable.type == .float32 {
      try store.set(
        variable, to: HostTensor([Double](repeating: 0, count: variable.shape.elementCount), shape: variable.shape))
    }
    #expect(try Generator(trainer.trained).encode(data) != codes)
    #expect(try Generator(frozen).encode(data) == codes)
  }

  @Test func aProgramThatAssignsToFrozenValuesIsRefused() throws {
    let (known, other) = (Variable("known", shape: [2]), Variable("other", shape: [2]))
    let store = VariableStore(seed: 0)
    _ = try store.value(of: known)
    store.freeze()
    for backend in [CPUBackend(), ReferenceBackend()] as [any Backend] {
      let graph = Graph()
      graph.update(known, to: graph.read(known) + 1)
      let error = #expect(throws: LatentError.self) {
        try backend.compile(Program(graph: graph, outputs: []), state: store)
      }
      #expect(error?.problem.contains("known [2] cannot be changed, nor made") == true)
    }
    #expect(throws: LatentError.self) { try store.set(known, to: HostTensor([1, 2] as [Float], shape: [2])) }
    #expect(throws: LatentError.self) { try store.value(of: other) }
    #expect(try store.value(of: known).floats == [0, 0])
  }
}
