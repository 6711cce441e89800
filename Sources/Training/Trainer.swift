import CPUBackend
import Datasets
import Diagnostics
import Execution
import FileFormats
import Foundation
import Optimizers
import Randomness
import TensorGraph
import VariationalAutoencoders

/// What happens while a run goes on.
public enum TrainingEvent: Sendable {
  /// A step is done: its number in the epoch from 1, and the mean bound of its batch in nats.
  case step(epoch: Int, step: Int, stepsPerEpoch: Int, elbo: Double)
  /// An epoch, or an evaluation after it, is done.
  case metrics(EpochMetrics)
}

/// Trains a model: goes through the examples, logs, evaluates, and saves so that it can go on where it stopped.
public final class Trainer {
  /// What decides the run, completed with what the data say.
  public let configuration: RunConfiguration
  /// A combination that is possible but seldom meant, in a sentence.
  public let warning: String?
  /// After every how many epochs the test split is evaluated; 0 only at the end.
  public var testEvery = 0

  private let train: Examples
  private let validation: Examples?
  private let test: Examples?
  private let backend: any Backend
  private let recipe: TrainingRecipe
  private let store: VariableStore
  private let folder: RunFolder?
  private let isResuming: Bool
  private let noiseSeed: UInt64
  private var steps: [StepKey: TrainingStep] = [:]
  private var progress = Progress()
  /// The first bound that this trainer saw, in nats per example.
  private var firstBound: Double?
  /// The weights with the best bound of held-out examples, if this trainer has seen them.
  private var best: [HostTensor]?
  /// The examples whose mutual information with the latents ends aggressive training, once it has been asked for.
  private var informationExamples: Examples?
  /// The state when the present epoch began, to which a diagnosis goes back.
  private var epochStart: (progress: Progress, values: [HostTensor]) = (Progress(), [])

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - configuration: what to train and how.
  ///   - dataset: the data; a validation split is taken from the training examples if the configuration asks for it.
  ///   - folder: where to keep the run (`RunFolder.create` makes it), or `nil` to keep it in memory. A new run that fails
  ///     before its first checkpoint is taken back (`RunFolder.discard`).
  ///   - resuming: whether to go on from the folder's checkpoint, or from the beginning where there is none yet.
  ///   - origin: a trained model to begin with in place of random weights; the optimiser begins anew.
  /// - Throws: `LatentError` when configuration and data do not fit, a checkpoint cannot be read, or the origin is another
  ///   model.
  public init(
    _ configuration: RunConfiguration, dataset: Dataset, folder: RunFolder? = nil, resuming: Bool = false,
    startingFrom origin: TrainedModel? = nil, backend: any Backend = CPUBackend()
  ) throws {
    var configuration = configuration
    var train = configuration.data.limit > 0 ? dataset.train.prefix(configuration.data.limit) : dataset.train
    var validation: Examples?
    if configuration.data.validation > 0 {
      (train, validation) = try train.split(validation: configuration.data.validation, seed: configuration.seed)
    }
    let condition = try configuration.model.condition.completed(for: train)
    configuration.model.condition = condition
    warning = try configuration.validate(for: train)
    if resuming, configuration.data.fingerprint != dataset.train.fingerprint {
      throw LatentError.failure(
        "The data are not those that the run was trained on",
        remedy: "Give --data or --data-dir the place of the original data (\(configuration.data.name))")
    }
    configuration.data.name = dataset.name
    configuration.data.fingerprint = dataset.train.fingerprint
    configuration.data.exampleShape = dataset.train.shape
    self.train = configuration.data.preparedForTraining(train)
    self.validation = validation.map(configuration.data.prepared)
    test = dataset.test.map(configuration.data.prepared)
    self.configuration = configuration
    noiseSeed = derivedSeed(configuration.seed, "training")
    self.backend = backend
    self.folder = folder
    isResuming = resuming
    recipe = TrainingRecipe(
      configuration, exampleShape: train.shape, dataMean: train.mean(), examples: train.count)
    store = VariableStore(seed: configuration.seed)
    for variable in variables { _ = try store.buffer(of: variable) }
    if resuming, let folder, !folder.hasCheckpoint {
      let log = try MetricsLog(path: folder.metricsPath, keeping: RunConfiguration.mostEpochs)
      guard log.metrics.allSatisfy({ $0.epoch <= 1 }) else {
        throw LatentError.failure(
          "The run in \(folder.path) has lost its checkpoint \(folder.checkpointPath), without which it cannot go on",
          remedy: "Put the file back, or begin a new run with --from \(folder.path)")
      }
    }
    if resuming, let folder, folder.hasCheckpoint {
      progress = try Checkpoint.read(variables, into: store, from: folder.checkpointPath)
    } else if let origin {
      try copyWeights(of: origin)
    }
  }

  /// The seed of static binarisation and dequantisation, the same for all runs so that their figures can be compared.
  public static let binarizationSeed: UInt64 = 0

  /// Everything that a checkpoint holds.
  private var variables: [Variable] { recipe.variables }

  /// Begins with the weights of a trained model, averaged if it averages them, and averages from there on.
  private func copyWeights(of origin: TrainedModel) throws {
    let known = Dictionary(uniqueKeysWithValues: origin.model.variables.map { ($0.name, $0) })
    for variable in recipe.model.variables {
      guard let other = known[variable.name], other.shape == variable.shape else {
        throw LatentError.usage(
          "The model to start from has no weights \(variable.name) of shape \(variable.shape)",
          remedy: "Give a run of the same model: its config.json has the settings")
      }
      let value = try origin.store.value(of: origin.averages[other] ?? other)
      for target in [variable, recipe.optimizer.averages[variable]].compactMap({ $0 }) {
        try store.set(target, to: value)
      }
    }
  }

  /// Epochs completed so far.
  public var completedEpochs: Int { progress.epoch }

  /// The examples that show what the model can do: the test split, else the training split, as the model sees them.
  public var shownExamples: Examples { test ?? train }

  /// The model with its weights as they stand; further training changes them.
  public var trained: TrainedModel {
    TrainedModel(
      model: recipe.model, objective: configuration.objective, store: store, backend: backend,
      averages: recipe.optimizer.averages)
  }

  /// Trains up to the configured number of epochs.
  ///
  /// A run that was stopped from outside after its last checkpoint is given the figures that it lacks.
  ///
  /// - Returns: the last figures: of the test split, else of the validation split, else of the training split.
  /// - Throws: `LatentError` when the bound stops being finite (the last checkpoint stays as it was), or when a file cannot
  ///   be written.
  @discardableResult
  public func run(_ report: (TrainingEvent) -> Void = { _ in }) throws -> EpochMetrics {
    do {
      return try runToTheEnd(report)
    } catch {
      if !isResuming { try? folder?.discard() }
      throw error
    }
  }

  /// The last figures of a run that lacks none, if it is one.
  public func completeMetrics() throws -> EpochMetrics? {
    guard isFinished, let folder else { return nil }
    let log = try MetricsLog(path: folder.metricsPath, keeping: progress.epoch)
    return lacksTest(log) ? nil : log.metrics.last
  }

  private func lacksTest(_ log: MetricsLog?) -> Bool {
    test != nil && log?.metrics.contains { $0.split == "test" && $0.epoch == progress.epoch } == false
  }

  private func runToTheEnd(_ report: (TrainingEvent) -> Void) throws -> EpochMetrics {
    let finished =
      progress.epoch < configuration.epochs
      ? LatentError.usage("The run stopped early after \(progress.epoch) epochs", remedy: "Start a new run")
      : LatentError.usage(
        "The run has its \(progress.epoch) epochs already", remedy: "Give --epochs more than \(progress.epoch)")
    var log = try folder.map { try MetricsLog(path: $0.metricsPath, keeping: progress.epoch) }
    guard !isFinished || lacksTest(log) else { throw finished }
    // First of all files, so that whatever else is there belongs to a run.
    try folder?.write(configuration)
    if let folder { RunPictures.forget(folder) }
    let board = try folder.map { try TensorBoardWriter(folder: $0.path) }
    var last: EpochMetrics?
    func note(_ metrics: EpochMetrics) throws {
      try log?.append(metrics)
      try board?.write(metrics)
      report(.metrics(metrics))
      last = metrics
    }
    while !isFinished {
      try note(trainEpoch(report))
      if let validation {
        let metrics = try evaluate(validation, split: "validation")
        // While schedules of the objective go on, bounds of different epochs are about different aims.
        if Double(progress.epoch) > configuration.objective.warmUpEpochs {
          progress.plateau.note(metrics.score, interval: configuration.schedule.interval)
          if progress.stopping.note(metrics.score), configuration.patience > 0 { try keepBest() }
        }
        try note(metrics)
      }
      // What follows the last checkpoint is made up for when the run is resumed; what comes before it is gone through again.
      if isFinished, configuration.patience > 0 {
        try saveCheckpoint()
      } else {
        if isFinished || (testEvery > 0 && progress.epoch % testEvery == 0) { try noteTest(note) }
        try saveCheckpoint()
      }
    }
    if configuration.patience > 0 { try restoreBest() }
    if configuration.patience > 0 || lacksTest(log) { try noteTest(note) }
    board?.flush()
    guard let last else { throw finished }
    return last
  }

  private func noteTest(_ note: (EpochMetrics) throws -> Void) throws {
    if let test { try note(evaluate(test, split: "test")) }
  }

  private var isFinished: Bool {
    let hasStopped = configuration.patience > 0 && progress.stopping.epochsSinceBest >= configuration.patience
    return hasStopped || progress.epoch >= configuration.epochs
  }

  private func saveCheckpoint() throws {
    guard let folder else { return }
    try Checkpoint.write(variables, of: store, progress: progress, to: folder.checkpointPath)
    folder.settle()
  }

  private func keepBest() throws {
    best = try variables.map(store.value)
    guard let folder else { return }
    try Checkpoint.write(variables, of: store, progress: progress, to: folder.bestPath)
  }

  /// Puts back the weights with the best bound of held-out examples.
  private func restoreBest() throws {
    // A run that ends before its schedules do has no best weights but the last.
    guard progress.stopping.best != nil else { return }
    if let best {
      for (variable, value) in zip(variables, best) { try store.set(variable, to: value) }
    } else if let folder {
      try Checkpoint.read(variables, into: store, from: folder.bestPath)
    }
  }

  private func evaluate(_ examples: Examples, split: String) throws -> EpochMetrics {
    let start = Date()
    let result = try Evaluator(trained, seed: configuration.seed).bound(examples)
    guard result.elbo.isFinite else {
      throw LatentError.failure(
        "The bound of the \(split) split is not a finite number after epoch \(progress.epoch)",
        remedy: "Lower the learning rate, or look for examples unlike those of the training split")
    }
    return EpochMetrics(
      epoch: progress.epoch, split: split, elbo: configuration.objective.hasBound ? result.elbo : nil,
      rate: result.rate, distortion: result.distortion, learningRate: nil, seconds: -start.timeIntervalSinceNow,
      examples: examples.count)
  }

  private func trainEpoch(_ report: (TrainingEvent) -> Void) throws -> EpochMetrics {
    let start = Date()
    epochStart = (progress, try variables.map(store.value))
    let order = Shuffler.permutation(count: train.count, seed: configuration.seed, epoch: progress.epoch)
    let size = configuration.batchSize
    let stepsPerEpoch = (train.count + size - 1) / size
    var sums = TrainingStep.Sums()
    for index in 0..<stepsPerEpoch {
      let batch = Array(order[(index * size)..<min(order.count, (index + 1) * size)])
      try trainAhead(batch.count, stepsPerEpoch)
      let result = try step(batch, part, stepsPerEpoch).run(randomState)
      guard result.elbo.isFinite, result.objective.isFinite else {
        throw try diagnosis(epochStart: index, order, stepsPerEpoch)
      }
      try checkDivergence(result.elbo / Double(batch.count), step: index)
      progress.step += 1
      sums += result
      report(
        .step(
          epoch: progress.epoch + 1, step: index + 1, stepsPerEpoch: stepsPerEpoch,
          elbo: result.elbo / Double(batch.count)))
    }
    // The last update has not been through a bound yet, and must not spoil the checkpoint.
    guard try weightsAreFinite() else { throw try diagnosis(epochStart: stepsPerEpoch - 1, order, stepsPerEpoch) }
    progress.epoch += 1
    try noteInformation()
    let count = Double(train.count)
    return EpochMetrics(
      epoch: progress.epoch, split: "train",
      elbo: configuration.objective.hasBound ? sums.elbo / count : nil, rate: sums.rate / count,
      distortion: sums.distortion / count, learningRate: learningRate(stepsPerEpoch),
      objective: configuration.objective.isPlainBound ? nil : sums.objective / count,
      seconds: -start.timeIntervalSinceNow,
      examples: train.count)
  }

  /// Stops a run whose bound is a thousand million times below where it began: weights have exploded, though nothing has
  /// overflowed yet. (Saturated log-variances alone cost less, and a run can recover from them.)
  private func checkDivergence(_ bound: Double, step: Int) throws {
    let start = firstBound ?? bound
    firstBound = start
    guard bound < -1e9 * max(1000, abs(start)) else { return }
    let sizes = try recipe.model.variables.map { variable in
      (variable.name, try store.buffer(of: variable).bindMemory(to: Float.self).reduce(0) { max($0, abs($1)) })
    }
    let largest = sizes.max { $0.1 < $1.1 } ?? ("", 0)
    throw LatentError.failure(
      "Training stopped in epoch \(progress.epoch + 1), step \(step + 1): the bound has fallen to \(Float(bound)) nats, and "
        + "weights of \(largest.0) have grown to \(largest.1)\(keptCheckpoint)", remedy: instabilityRemedy)
  }

  private var keptCheckpoint: String {
    progress.epoch > 0 && folder != nil ? "; the checkpoint of epoch \(progress.epoch) is kept" : ""
  }

  private var instabilityRemedy: String {
    "Lower the learning rate (--learning-rate \(String(format: "%g", configuration.optimizer.learningRate / 10))) or clip the gradients "
      + "(--set optimizer.clipNorm=10)"
  }

  private func weightsAreFinite() throws -> Bool {
    try (recipe.model.variables + recipe.objectiveVariables.variables).allSatisfy(store.isFinite)
  }

  /// The program for a batch, with the batch and all that goes with it put in.
  private func step(_ batch: [Int], _ part: TrainingStep.Part, _ stepsPerEpoch: Int) throws -> TrainingStep {
    let key = StepKey(part: part, batchSize: batch.count)
    let step =
      try steps[key]
      ?? TrainingStep(
        recipe, part: part, batchSize: batch.count, precision: configuration.precision, backend: backend, store: store)
    steps[key] = step
    step.prepare(
      train, batch, learningRate: learningRate(stepsPerEpoch),
      epochs: Double(progress.step) / Double(stepsPerEpoch))
    return step
  }

  private struct StepKey: Hashable {
    let part: TrainingStep.Part
    let batchSize: Int
  }

  /// Whose parameters the usual steps move.
  private var part: TrainingStep.Part { isAggressive ? .generation : .all }

  private var isAggressive: Bool { configuration.lagging.maximumSteps > 0 && !progress.lagging.isOver }

  /// Lets the encoder alone take steps on batches drawn at random until what is maximised stops growing.
  private func trainAhead(_ batchSize: Int, _ stepsPerEpoch: Int) throws {
    guard isAggressive else { return }
    let window = configuration.lagging.window
    var (previous, sum) = (-Double.infinity, 0.0)
    for index in 1...configuration.lagging.maximumSteps {
      let counter = UInt64(progress.lagging.steps)
      var stream = RandomStream(seed: configuration.seed, name: "lagging inference", step: counter)
      let batch = (0..<batchSize).map { _ in Int(stream.next() % UInt64(train.count)) }
      let random = RandomState(seed: derivedSeed(configuration.seed, "lagging inference"), step: counter)
      sum += try step(batch, .inference, stepsPerEpoch).run(random).objective
      progress.lagging.steps += 1
      guard index % window == 0 else { continue }
      guard sum > previous else { return }
      (previous, sum) = (sum, 0)
    }
  }

  /// Ends aggressive training when the latents have stopped learning more about the examples.
  private func noteInformation() throws {
    guard isAggressive else { return }
    let examples =
      try informationExamples
      ?? LaggingInference.watched(train: train, validation: validation, as: configuration.data)
    informationExamples = examples
    let information = try Evaluator(trained, seed: configuration.seed).posteriors(examples).informationBound
    if information <= progress.lagging.information { progress.lagging.isOver = true }
    progress.lagging.information = information
  }

  private var randomState: RandomState {
    RandomState(seed: noiseSeed, step: UInt64(progress.step))
  }

  private func learningRate(_ stepsPerEpoch: Int) -> Double {
    configuration.optimizer.learningRate
      * configuration.schedule.factor(
        step: progress.step, stepsPerEpoch: stepsPerEpoch, epochs: configuration.epochs,
        reductions: progress.plateau.reductions)
  }

  /// Why the bound stopped being finite: the epoch is gone through again from its beginning, which gives the same values
  /// to the bit, and the last steps are watched operation by operation.
  private func diagnosis(
    epochStart failed: Int, _ order: [Int], _ stepsPerEpoch: Int
  ) throws -> LatentError {
    let epoch = progress.epoch + 1
    let replay = try Trainer(replaying: self)
    var culprit: String?
    let size = configuration.batchSize
    for index in 0...failed where culprit == nil {
      let batch = Array(order[(index * size)..<min(order.count, (index + 1) * size)])
      try replay.trainAhead(batch.count, stepsPerEpoch)
      let step = try replay.step(batch, replay.part, stepsPerEpoch)
      if index + 2 > failed { culprit = try step.executable.firstNonFinite(replay.randomState) }
      _ = try step.run(replay.randomState)
      replay.progress.step += 1
    }
    return LatentError.failure(
      "Training stopped in epoch \(epoch), step \(failed + 1): the bound is no longer a finite number, and the first "
        + "value to go bad was \(culprit ?? "the bound itself")\(keptCheckpoint)",
      remedy: instabilityRemedy)
  }

  /// A copy of a trainer as it stood when the present epoch began.
  private init(replaying other: Trainer) throws {
    configuration = other.configuration
    warning = nil
    (train, validation, test) = (other.train, nil, nil)
    (backend, recipe) = (other.backend, other.recipe)
    store = VariableStore(seed: configuration.seed)
    folder = nil
    isResuming = true
    noiseSeed = other.noiseSeed
    progress = other.epochStart.progress
    for (variable, value) in zip(variables, other.epochStart.values) { try store.set(variable, to: value) }
  }
}

extension TensorBoardWriter {
  fileprivate func write(_ metrics: EpochMetrics) throws {
    for (name, value) in [("elbo", metrics.elbo), ("rate", metrics.rate), ("distortion", metrics.distortion)] {
      if let value { try scalar("\(metrics.split)/\(name)", Float(value), step: metrics.epoch) }
    }
  }
}
