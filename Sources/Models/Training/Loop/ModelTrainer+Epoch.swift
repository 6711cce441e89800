import LatentDatasets
import LatentDiagnostics
import LatentExecution
import Foundation
import LatentTensorGraph

extension ModelTrainer {
  /// Programs differ by whose parameters they move, and by the size of their batch.
  struct StepKey: Hashable {
    let part: String?
    let batchSize: Int
  }

  /// What ended an epoch after one of its steps: an observer, or the cancellation of the task.
  private struct Interruption: Error { let reason: any Error }

  /// Goes through the training examples once, in an order of the epoch's own, or through those that are left.
  ///
  /// When an observer or a cancelled task ends it, the run stands after the last step, with a checkpoint; but not in the first
  /// epoch of a run that is to replace another, which is still there. Whatever else ends it leaves everything as it was when the
  /// epoch began, or went on.
  func trainEpoch(_ report: (TrainingEvent) throws -> Void) throws -> EpochMetrics {
    epochStart = (progress, try variables.map(store.value))
    do {
      return try goThroughBatches(report)
    } catch let interruption as Interruption {
      let isReplacing = progress.epoch == 0 && folder?.holdsReplacedRun == true
      // The last update has not been through a figure yet, and must not spoil the checkpoint.
      let isKept = try !isReplacing && model.variables.allSatisfy(store.isFinite)
      if isKept { try saveCheckpoint() } else { try restoreEpochStart() }
      throw interruption.reason
    } catch {
      try restoreEpochStart()
      throw error
    }
  }

  private func restoreEpochStart() throws {
    progress = epochStart.progress
    for (variable, value) in zip(variables, epochStart.values) { try store.set(variable, to: value) }
  }

  private func goThroughBatches(_ report: (TrainingEvent) throws -> Void) throws -> EpochMetrics {
    let start = Date()
    let batches = EpochBatches(data.train.count, settings, epoch: progress.epoch)
    var done = try begunEpoch(of: batches.count)
    progress.partial = nil
    let secondsBefore = done.seconds
    for index in done.steps..<batches.count {
      let result = try step(batches, index)
      let figures = model.figures(result, examples: batches[index].count, isTraining: true)
      guard figures.allSatisfy({ $0?.isFinite ?? true }) else { throw try diagnosis(failedAt: index) }
      let first = zip(model.metrics, figures).lazy.compactMap { metric, figure in figure.map { (metric, $0) } }.first
      if let (metric, figure) = first, divergence.hasDiverged(metric.score(figure)) {
        throw try divergenceError(metric, figure, step: index)
      }
      progress.step += 1
      done.steps = index + 1
      done.sums = done.sums.isEmpty ? result : zip(done.sums, result).map { $0 + $1 }
      done.seconds = secondsBefore - start.timeIntervalSinceNow
      do {
        try report(
          .step(epoch: progress.epoch + 1, step: index + 1, stepsPerEpoch: batches.count, figure: first?.1 ?? 0))
        try Task.checkCancellation()
      } catch {
        progress.partial = done
        throw Interruption(reason: error)
      }
    }
    guard try model.variables.allSatisfy(store.isFinite) else { throw try diagnosis(failedAt: batches.count - 1) }
    progress.epoch += 1
    var state = progress
    try model.finishEpoch(weights, &state)
    progress = state
    return EpochMetrics(
      epoch: progress.epoch, split: "train", model.figures(done.sums, examples: data.train.count, isTraining: true),
      of: model.metrics, learningRate: settings.optimizer.learningRate * rateFactor(batches.count),
      seconds: secondsBefore - start.timeIntervalSinceNow, examples: data.train.count)
  }

  /// What is behind a run in its present epoch.
  ///
  /// - Throws: `LatentError` when that was an epoch of other batches, or has no figures.
  private func begunEpoch(of steps: Int) throws -> PartialEpoch {
    guard let begun = progress.partial else {
      return PartialEpoch(steps: 0, batchSize: settings.batchSize, sums: [], seconds: 0)
    }
    guard begun.batchSize == settings.batchSize, begun.steps <= steps else {
      throw LatentError.usage(
        "The run was ended within an epoch of batches of \(begun.batchSize), and cannot go on with others",
        remedy: "Give a batch size of \(begun.batchSize) and the same examples")
    }
    guard begun.sums.isEmpty == model.metrics.isEmpty else {
      throw LatentError.failure(
        "The checkpoint has no figures of the epoch in which it was written",
        remedy: "Use an earlier copy of the run, or train it again")
    }
    return begun
  }

  /// The last epoch cannot be one that was begun already.
  func refuseHalfAnEpoch() throws {
    guard isFinished, progress.partial != nil else { return }
    throw LatentError.usage(
      "The run was ended within its epoch \(progress.epoch + 1)", remedy: "Give --epochs \(progress.epoch + 1) or more")
  }

  func saveCheckpoint() throws {
    guard let folder else { return }
    try Checkpoint.write(variables, of: store, progress: progress, to: folder.checkpointPath)
    folder.settle()
  }

  /// A step of the loop, with what the model does ahead of it.
  func step(_ batches: EpochBatches, _ index: Int) throws -> [Double] {
    try prepare(batches, index).run(randomState)
  }

  /// The program of a step of the loop with all that goes into it, after what the model does ahead of it.
  func prepare(_ batches: EpochBatches, _ index: Int) throws -> TrainingStep {
    let batch = batches[index]
    let driver = StepDriver(examples: data.train.count, batchSize: batch.count, seed: settings.seed) {
      try self.program($0, $1, batches.count).run($2)
    }
    // The driver's steps look at the progress, which must not be lent at the same time.
    var state = progress
    let part = try model.prepareStep(driver, &state)
    progress = state
    let step = try program(batch, part, batches.count)
    // Pictures in files are decoded while the step is computed.
    if index + 1 < batches.count { data.train.willCopy(batches[index + 1]) }
    return step
  }

  /// The program for a batch, with the batch and all that goes with it put in.
  private func program(_ batch: [Int], _ part: TrainingPart?, _ stepsPerEpoch: Int) throws -> TrainingStep {
    let key = StepKey(part: part?.name, batchSize: batch.count)
    let step =
      try steps[key]
      ?? TrainingStep(
        model, optimizer, part: part, in: Graph(matrixPrecision: settings.precision.matrixType),
        batchSize: batch.count, exampleShape: data.train.shape, backend: backend, store: store)
    steps[key] = step
    try step.prepare(
      StepMoment(examples: data.train, batch: batch, epochs: Double(progress.step) / Double(stepsPerEpoch)),
      rates: optimizer.rates(rateFactor(stepsPerEpoch)))
    return step
  }

  /// The random numbers of a step of the loop.
  var randomState: RandomState {
    RandomState(seed: derivedSeed(settings.seed, "training"), step: UInt64(progress.step))
  }

  private func rateFactor(_ stepsPerEpoch: Int) -> Double {
    settings.schedule.factor(
      step: progress.step, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
      reductions: progress.plateau.reductions)
  }
}

/// The batches of an epoch; the last one may be smaller.
struct EpochBatches {
  private let order: [Int]
  private let size: Int

  init(_ examples: Int, _ settings: TrainingSettings, epoch: Int) {
    order = Shuffler.permutation(count: examples, seed: settings.seed, epoch: epoch)
    size = settings.batchSize
  }

  var count: Int { (order.count + size - 1) / size }

  subscript(index: Int) -> [Int] { Array(order[(index * size)..<min(order.count, (index + 1) * size)]) }
}
