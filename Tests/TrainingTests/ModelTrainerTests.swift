import Foundation
import Latent
import TestSupport
import Testing

/// The loop with models that are no autoencoders.
@Suite(.serialized) struct ModelTrainerTests {
  /// A dense layer to each example's own values, with its noise taken off: no latents, no bound.
  struct Denoiser: TrainableModel {
    let first: Dense, second: Dense
    var groups: [ParameterGroup] = []

    init(width: Int) {
      first = Dense("denoiser/first", inputs: width, outputs: 24, activation: .tanh)
      second = Dense("denoiser/second", inputs: 24, outputs: width)
    }

    var variables: [Variable] { first.variables + second.variables }
    var parameterGroups: [ParameterGroup] { groups }
    var metrics: [Metric] { [Metric("error", unit: "squared error"), Metric("level", isBetterLarger: true)] }

    func step(_ trace: StepTrace) -> TracedStep {
      let clean = trace.examples.flattened()
      let level = trace.input("level", shape: .scalar) { _ in [0.3] }
      let noise = trace.graph.random(.normal, shape: clean.shape, type: clean.type) * level
      let error = (second(first(clean + noise)) - clean).squared().sum([1])
      return TracedStep(
        losses: [(error.mean(), variables)], sums: [error.sum(), level * Double(trace.count)])
    }
  }

  private let data: TrainingData

  init() throws { data = TrainingData(train: try smallImages(200), validation: try smallImages(60, seed: 2)) }

  private func trainer(
    _ settings: TrainingSettings, _ model: Denoiser = Denoiser(width: 64), folder: RunFolder? = nil,
    resuming: Bool = false
  ) throws -> ModelTrainer<Denoiser> {
    try ModelTrainer(model, settings, data: data, folder: folder, resuming: resuming, backend: CPUBackend())
  }

  private let settings = TrainingSettings(optimizer: .adam(learningRate: 5e-3), batchSize: 40, epochs: 6, seed: 3)

  @Test func aModelThatIsNoAutoencoderLearns() throws {
    var log: [EpochMetrics] = []
    try trainer(settings).run { if case .metrics(let metrics) = $0 { log.append(metrics) } }
    #expect(log.map(\.split) == (0..<6).flatMap { _ in ["train", "validation"] })
    let errors = log.filter { $0.split == "validation" }.compactMap { $0["error"] }
    #expect(errors.count == 6 && errors[5] < 0.6 * errors[0])
    #expect(log[0].values.map(\.name) == ["error", "level"])
    #expect(abs((log[0]["level"] ?? 0) - 0.3) < 1e-6)
    #expect(log[0].score == -(log[0]["error"] ?? 0))
  }

  @Test func itsRunIsResumedToTheByte() throws {
    let folder = try TemporaryFolder()
    func run(_ name: String, epochs: [Int]) throws -> RunFolder {
      let run = RunFolder(path: folder.file(name))
      try run.create(replacing: false)
      for (index, count) in epochs.enumerated() {
        var part = settings
        part.epochs = count
        try trainer(part, folder: run, resuming: index > 0).run()
      }
      return run
    }
    let runs = [try run("whole", epochs: [6]), try run("parts", epochs: [2, 6])]
    let checkpoints = try runs.map { try FileReading.data(at: $0.checkpointPath) }
    #expect(checkpoints[0] == checkpoints[1])
    let figures = try runs.map { try MetricsLog(path: $0.metricsPath, keeping: 6).metrics.map(\.values) }
    #expect(figures[0] == figures[1] && figures[0].count == 12)
  }

  @Test func groupsHaveOptimisersOfTheirOwn() throws {
    var model = Denoiser(width: 64)
    // A gradient step of rate 0 moves nothing, whatever the rest does.
    model.groups = [ParameterGroup("first", model.first.variables, optimizer: Optimizer(.sgd, learningRate: 1e-30))]
    let trainer = try trainer(settings, model)
    let before = try trainer.store.value(of: model.first.kernel)
    let second = try trainer.store.value(of: model.second.kernel)
    try trainer.run()
    #expect(try trainer.store.value(of: model.first.kernel) == before)
    #expect(try trainer.store.value(of: model.second.kernel) != second)
    #expect(try trainer.weights.store.value(of: model.second.bias).doubles.contains { $0 != 0 })
  }

  @Test func whatAnObserverThrowsEndsTheRun() throws {
    struct Enough: Error {}
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("run"))
    try run.create(replacing: false)
    var steps = 0
    #expect(throws: Enough.self) {
      try trainer(settings, folder: run).run { event in
        if case .step = event { steps += 1 }
        if steps == 7 { throw Enough() }
      }
    }
    // Five steps make an epoch, whose checkpoint is kept; the run goes on from there.
    #expect(steps == 7)
    let rest = try trainer(settings, folder: run, resuming: true)
    #expect(rest.completedEpochs == 1)
    try rest.run()
    #expect(rest.completedEpochs == 6)
  }

  /// Ended after any step, or after any figure of it, in memory and in a folder: weights, figures, and checkpoint are those
  /// of a run that was not ended.
  @Test(arguments: [1, 2, 3, 5, 6, 8]) func aRunThatWasEndedGoesOnAsIfItHadNotBeen(_ events: Int) throws {
    struct Enough: Error {}
    let folder = try TemporaryFolder()
    let runs = ["whole", "ended"].map { RunFolder(path: folder.file($0)) }
    for run in runs { try run.create(replacing: false) }
    let whole = try trainer(settings, folder: runs[0])
    let last = try whole.run()
    let ended = try trainer(settings)
    let stored = try trainer(settings, folder: runs[1])
    for trainer in [ended, stored] {
      var count = 0
      #expect(throws: Enough.self) {
        try trainer.run { _ in
          count += 1
          if count >= events { throw Enough() }
        }
      }
    }
    let resumed = try trainer(settings, folder: runs[1], resuming: true)
    for trainer in [ended, resumed] {
      #expect(try trainer.run().values == last.values)
      for (variable, other) in zip(whole.model.variables, trainer.model.variables) {
        #expect(try whole.store.value(of: variable) == trainer.store.value(of: other))
      }
    }
    let checkpoints = try runs.map { try Data(contentsOf: URL(fileURLWithPath: $0.checkpointPath)) }
    #expect(checkpoints[0] == checkpoints[1])
    let figures = try runs.map { try MetricsLog(path: $0.metricsPath, keeping: 100).metrics.map(\.values) }
    #expect(figures[0] == figures[1])
  }

  @Test func aRunThatIsEndedInItsFirstEpochReplacesNone() throws {
    struct Enough: Error {}
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("run"))
    try run.create(replacing: false)
    try trainer(settings, folder: run).run()
    let old = try FileReading.data(at: run.checkpointPath)
    var other = settings
    other.seed = 7
    for events in [2, 8] {
      try run.create(replacing: true)
      var count = 0
      #expect(throws: Enough.self) {
        try trainer(other, folder: run).run { _ in
          count += 1
          if count == events { throw Enough() }
        }
      }
      // The eighth event is of the second epoch.
      #expect(try (FileReading.data(at: run.checkpointPath) == old) == (events == 2))
    }
  }

  @Test func anEpochThatWasBegunCannotBeOfOthersOrLeftOut() throws {
    struct Enough: Error {}
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("run"))
    try run.create(replacing: false)
    #expect(throws: Enough.self) {
      try trainer(settings, folder: run).run { if case .step(2, 3, _, _) = $0 { throw Enough() } }
    }
    let kept = try FileReading.data(at: run.checkpointPath)
    var wrong = settings
    wrong.batchSize = 50
    let size = #expect(throws: LatentError.self) { try trainer(wrong, folder: run, resuming: true).run() }
    #expect(size?.remedy == "Give a batch size of 40 and the same examples")
    wrong = settings
    wrong.epochs = 1
    let short = try trainer(wrong, folder: run, resuming: true)
    #expect(try short.completeMetrics() == nil)
    let epochs = #expect(throws: LatentError.self) { try short.run() }
    #expect(epochs?.remedy == "Give --epochs 2 or more")
    #expect(try FileReading.data(at: run.checkpointPath) == kept)
  }

  @Test func anObserverThatHasThrownIsToldNothingMore() throws {
    struct Enough: Error {}
    var events = 0
    #expect(throws: Enough.self) {
      try trainer(settings).run { event in
        events += 1
        if case .metrics = event { throw Enough() }
      }
    }
    #expect(events == 6)
  }

  @Test func metricsOfOneNameAreRefused() throws {
    struct Named: TrainableModel {
      let inner = Denoiser(width: 64)
      let metrics = [Metric("epoch")]
      var variables: [Variable] { inner.variables }
      func step(_ trace: StepTrace) -> TracedStep { inner.step(trace) }
    }
    let error = #expect(throws: LatentError.self) {
      try ModelTrainer(Named(), settings, data: data, backend: CPUBackend())
    }
    #expect(error?.problem.hasPrefix("A metric is called epoch") == true)
  }

  @Test func aCancelledTaskEndsARunAfterItsStep() async throws {
    let trainer = try trainer(settings)
    var steps = 0
    let error = #expect(throws: CancellationError.self) {
      try trainer.run { event in
        guard case .step = event else { return }
        steps += 1
        if steps == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    #expect(error != nil && steps == 3)
  }

  @Test func aFigureThatIsNoNumberNamesWhereItBegan() throws {
    var wild = settings
    wild.optimizer = Optimizer(.sgd, learningRate: 1e30)
    let trainer = try trainer(wild)
    let before = try trainer.model.variables.map(trainer.store.value)
    let error = #expect(throws: LatentError.self) { try trainer.run() }
    // The epoch that failed has left nothing behind.
    #expect(try trainer.model.variables.map(trainer.store.value) == before && trainer.completedEpochs == 0)
    #expect(error?.problem.hasPrefix("Training stopped in epoch 1, step ") == true, "\(String(describing: error))")
    #expect(
      error?.problem.contains("the error is no longer") == true
        || error?.problem.contains("the error has grown") == true)
  }

  @Test func settingsThatDoNotFitTheDataAreRefused() throws {
    var wrong = settings
    wrong.batchSize = 201
    #expect(throws: LatentError.self) { try trainer(wrong) }
    wrong = settings
    wrong.patience = 2
    let lone = TrainingData(train: data.train)
    #expect(throws: LatentError.self) {
      try ModelTrainer(Denoiser(width: 64), wrong, data: lone, backend: CPUBackend())
    }
  }
}

/// An autoencoder that was trained by a loop of the caller's own.
@Suite struct OwnLoopTests {
  @Test func itEvaluatesAndIsSavedLikeAnyOther() throws {
    let examples = try smallImages(120)
    let model = Model(smallModel(latents: 3, hidden: [12]), exampleShape: examples.shape)
    let store = VariableStore(seed: 5)
    let objective = Objective.elbo()
    let optimizer = OptimizerState(.adam(learningRate: 5e-3), over: model.variables)
    let graph = Graph()
    let batch = graph.input("examples", shape: Shape([120] + examples.shape))
    let loss = objective.loss(
      model, ExampleBatch(examples: batch), objective.makeVariables(model.specification),
      ObjectiveSchedule(objective, in: graph), examples: 120)
    optimizer.minimize(loss.losses, learningRate: graph.constant(5e-3))
    let step = try CPUBackend().compile(Program(graph: graph, outputs: [loss.objective]), state: store)
    var values = [Float](repeating: 0, count: 120 * 64)
    try values.withUnsafeMutableBufferPointer { try examples.copyRange(0..<120, into: $0) }
    let input = HostTensor(values, shape: Shape([120] + examples.shape))
    for index in 0..<40 { _ = try step.run([input], random: RandomState(seed: 1, step: UInt64(index))) }

    let trained = TrainedModel(model, store: store)
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("run"))
    try trained.save(to: run, dataset: Dataset(name: "bars", train: examples))
    let read = try TrainedModel(run: run)
    let bounds = try [trained, read].map { try Evaluator($0, seed: 2).bound(examples).elbo }
    #expect(bounds[0] == bounds[1])
    let fresh = TrainedModel(model, store: VariableStore(seed: 5))
    #expect(try bounds[0] > Evaluator(fresh, seed: 2).bound(examples).elbo + 1)
    #expect(try run.verify().contains(run.checkpointPath))
    // What is there already is not written over.
    #expect(throws: LatentError.self) { try trained.save(to: run, dataset: Dataset(name: "bars", train: examples)) }
    #expect(try Evaluator(TrainedModel(run: run), seed: 2).bound(examples).elbo == bounds[0])
  }
}
