import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentFileFormats
import Foundation
import LatentRandomness
import LatentTensorGraph

/// Trains any model: goes through the examples, logs, evaluates, and saves so that it can go on where it stopped.
///
/// `Trainer` is the one of variational autoencoders, which begins from a `RunConfiguration`.
public final class ModelTrainer<Model: TrainableModel> {
  /// What is trained.
  public let model: Model
  /// How it is trained.
  public let settings: TrainingSettings
  /// The values of all variables.
  public let store: VariableStore
  /// After every how many epochs the test split is evaluated; 0 only at the end.
  public var testEvery = 0

  let data: TrainingData
  let backend: any Backend
  let optimizer: ModelOptimizer
  let folder: RunFolder?
  var progress = TrainingProgress()
  var steps: [StepKey: TrainingStep] = [:]
  var divergence = DivergenceWatch()
  var best: BestWeights
  /// The state when the present epoch began, to which a diagnosis goes back.
  var epochStart: (progress: TrainingProgress, values: [HostTensor]) = (TrainingProgress(), [])
  private let isResuming: Bool

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - model: what to train; its variables must have names that no others have.
  ///   - folder: where to keep the run (`RunFolder.create` makes it), or `nil` to keep it in memory. A new run that fails
  ///     before its first checkpoint is taken back (`RunFolder.discard`).
  ///   - resuming: whether to go on from the folder's checkpoint, or from the beginning where there is none yet.
  /// - Throws: `LatentError` when settings and data do not fit, or a checkpoint cannot be read.
  public init(
    _ model: Model, _ settings: TrainingSettings, data: TrainingData, folder: RunFolder? = nil, resuming: Bool = false,
    backend: any Backend
  ) throws {
    try settings.validate(examples: data.train.count, validation: data.validation?.count ?? 0)
    try EpochMetrics.validate(model.metrics)
    self.model = model
    self.settings = settings
    self.data = data
    self.backend = backend
    self.folder = folder
    isResuming = resuming
    optimizer = ModelOptimizer(settings.optimizer, model)
    store = VariableStore(seed: settings.seed)
    best = BestWeights(path: folder?.bestPath)
    for variable in variables { _ = try store.buffer(of: variable) }
    guard resuming, let folder else { return }
    if folder.hasCheckpoint {
      progress = try Checkpoint.read(variables, into: store, from: folder.checkpointPath)
    } else {
      try folder.refuseLostCheckpoint()
    }
  }

  /// A copy of a trainer as it stood when the present epoch began.
  init(replaying other: ModelTrainer) throws {
    (model, settings, data) = (other.model, other.settings, other.data)
    (backend, optimizer) = (other.backend, other.optimizer)
    (folder, isResuming, best) = (nil, true, BestWeights(path: nil))
    store = VariableStore(seed: settings.seed)
    progress = other.epochStart.progress
    for (variable, value) in zip(variables, other.epochStart.values) { try store.set(variable, to: value) }
  }

  /// Everything that a checkpoint holds.
  var variables: [Variable] { model.variables + optimizer.variables }

  /// The weights as they stand; further training changes them.
  public var weights: TrainedWeights {
    TrainedWeights(store: store, backend: backend, averages: optimizer.averages, seed: settings.seed)
  }

  /// Steps of the loop taken so far.
  package var completedSteps: Int { progress.step }

  /// Epochs completed so far.
  public var completedEpochs: Int { progress.epoch }

  /// Trains up to the configured number of epochs.
  ///
  /// A run that was stopped from outside after its last checkpoint is given the figures that it lacks.
  ///
  /// - Parameter report: is told of every step and every figure; what it throws ends the run after its step, or after the
  ///   epoch whose figures it was told, and it is told nothing more. So does the cancellation of the task that the run is in, by
  ///   `CancellationError`. There is a checkpoint then, from which the run goes on as if it had not been ended, unless the last
  ///   epoch was done or the run was in its first and is to replace another, which is put back.
  /// - Returns: the last figures: of the test split, else of the validation split, else of the training split.
  /// - Throws: `LatentError` when a figure stops being finite (the last checkpoint stays as it was), or when a file cannot
  ///   be written.
  @discardableResult
  public func run(_ report: (TrainingEvent) throws -> Void = { _ in }) throws -> EpochMetrics {
    do {
      return try runToTheEnd(report)
    } catch {
      if !isResuming { try? folder?.discard() }
      throw error
    }
  }

  /// The last figures of a run that lacks none, if it is one.
  package func completeMetrics() throws -> EpochMetrics? {
    guard isFinished, progress.partial == nil, let folder else { return nil }
    let log = try MetricsLog(path: folder.metricsPath, keeping: progress.epoch)
    return lacksTest(log) ? nil : log.metrics.last
  }

  private func lacksTest(_ log: MetricsLog?) -> Bool {
    data.test != nil && log?.metrics.contains { $0.split == "test" && $0.epoch == progress.epoch } == false
  }

  private func runToTheEnd(_ report: (TrainingEvent) throws -> Void) throws -> EpochMetrics {
    let finished =
      progress.epoch < settings.epochs
      ? LatentError.usage("The run stopped early after \(progress.epoch) epochs", remedy: "Start a new run")
      : LatentError.usage(
        "The run has its \(progress.epoch) epochs already", remedy: "Give --epochs more than \(progress.epoch)")
    try refuseHalfAnEpoch()
    var log = try folder.map { try MetricsLog(path: $0.metricsPath, keeping: progress.epoch) }
    guard !isFinished || lacksTest(log) else { throw finished }
    if let folder {
      // First of all files, so that whatever else is there belongs to a run.
      try model.describe(to: folder, settings)
      RunPictures.forget(folder)
    }
    let board = try folder.map { try TensorBoardWriter(folder: $0.path) }
    var last: EpochMetrics?
    var ending: (any Error)?
    func note(_ metrics: EpochMetrics) throws {
      try log?.append(metrics)
      for value in metrics.values {
        try board?.scalar("\(metrics.split)/\(value.name)", Float(value.value), step: metrics.epoch)
      }
      last = metrics
      guard ending == nil else { return }
      do { try report(.metrics(metrics)) } catch { ending = error }
    }
    func noteTest() throws { if let test = data.test { try note(evaluate(test, split: "test")) } }
    while !isFinished {
      try note(trainEpoch(report))
      if let validation = data.validation {
        let metrics = try evaluate(validation, split: "validation")
        // While schedules of the objective go on, figures of different epochs are about different aims.
        if Double(progress.epoch) > model.warmUpEpochs, !metrics.values.isEmpty {
          progress.plateau.note(metrics.score, interval: settings.schedule.interval)
          if progress.stopping.note(metrics.score), settings.patience > 0 {
            try best.keep(variables, of: store, progress)
          }
        }
        try note(metrics)
      }
      // What follows the last checkpoint is made up for when the run is resumed; what comes before it is gone through again.
      let isTestDue = isFinished ? settings.patience == 0 : testEvery > 0 && progress.epoch % testEvery == 0
      if isTestDue { try noteTest() }
      try saveCheckpoint()
      if let ending, !isFinished { throw ending }
    }
    if settings.patience > 0 { try best.restore(variables, into: store, progress) }
    if settings.patience > 0 || lacksTest(log) { try noteTest() }
    board?.flush()
    if let ending { throw ending }
    guard let last else { throw finished }
    return last
  }

  var isFinished: Bool {
    let hasStopped = settings.patience > 0 && progress.stopping.epochsSinceBest >= settings.patience
    return hasStopped || progress.epoch >= settings.epochs
  }

  private func evaluate(_ examples: Examples, split: String) throws -> EpochMetrics {
    let start = Date()
    let figures = try model.evaluate(examples, weights)
    let metrics = EpochMetrics(
      epoch: progress.epoch, split: split, figures, of: model.metrics, seconds: -start.timeIntervalSinceNow,
      examples: examples.count)
    guard metrics.values.allSatisfy(\.value.isFinite) else {
      throw LatentError.failure(
        "The \(metrics.name(of: model)) of the \(split) split is not a finite number after epoch \(progress.epoch)",
        remedy: "Lower the learning rate, or look for examples unlike those of the training split")
    }
    return metrics
  }
}
