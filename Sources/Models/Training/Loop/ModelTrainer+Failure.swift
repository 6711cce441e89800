import LatentDiagnostics
import LatentExecution
import Foundation
import LatentTensorGraph

/// Watches for weights that have exploded though nothing has overflowed yet: a figure a thousand million times worse than
/// at the beginning. (Saturated log-variances alone cost less, and a run can recover from them.)
struct DivergenceWatch {
  /// The first figure that was seen, with the sign under which larger is better.
  private var first: Double?

  /// Takes note of a step's figure.
  mutating func hasDiverged(_ score: Double) -> Bool {
    let start = first ?? score
    first = start
    return score < -1e9 * max(1000, abs(start))
  }
}

extension EpochMetrics {
  /// What the first figure is called in a sentence.
  func name(of model: some TrainableModel) -> String { model.metrics.first?.sentenceName ?? "figure" }
}

extension Metric {
  /// What it is called in a sentence.
  var sentenceName: String { name == "elbo" ? "bound" : name }
}

extension ModelTrainer {
  /// Why a run whose figure has exploded is ended.
  func divergenceError(_ metric: Metric, _ figure: Double, step: Int) throws -> LatentError {
    let sizes = try model.variables.filter { $0.type == .float32 }.map { variable in
      (variable.name, try store.buffer(of: variable).bindMemory(to: Float.self).reduce(0) { max($0, abs($1)) })
    }
    let largest = sizes.max { $0.1 < $1.1 } ?? ("", 0)
    let change = metric.isBetterLarger ? "fallen" : "grown"
    let unit = metric.unit.replacingOccurrences(of: " per example", with: "")
    return LatentError.failure(
      "Training stopped in epoch \(progress.epoch + 1), step \(step + 1): the \(metric.sentenceName) has "
        + "\(change) to \(Float(figure)) \(unit), and weights of \(largest.0) have grown to \(largest.1)\(keptCheckpoint)",
      remedy: instabilityRemedy)
  }

  private var keptCheckpoint: String {
    let kept = epochStart.progress
    guard folder != nil, kept.epoch > 0 || kept.partial != nil else { return "" }
    return kept.partial.map { "; the checkpoint of epoch \(kept.epoch + 1), step \($0.steps), is kept" }
      ?? "; the checkpoint of epoch \(kept.epoch) is kept"
  }

  private var instabilityRemedy: String {
    "Lower the learning rate (--learning-rate \(String(format: "%g", settings.optimizer.learningRate / 10))) or clip the gradients "
      + "(--set optimizer.clipNorm=10)"
  }

  /// Why a figure stopped being finite: the epoch is gone through again from its beginning, which gives the same values
  /// to the bit, and the last steps are watched operation by operation.
  func diagnosis(failedAt failed: Int) throws -> LatentError {
    let epoch = progress.epoch + 1
    let replay = try ModelTrainer(replaying: self)
    let batches = EpochBatches(data.train.count, settings, epoch: replay.progress.epoch)
    var culprit: String?
    let first = replay.progress.partial?.steps ?? 0
    for index in first..<max(first, failed + 1) where culprit == nil {
      let step = try replay.prepare(batches, index)
      if index + 2 > failed { culprit = try step.executable.firstNonFinite(replay.randomState) }
      _ = try step.run(replay.randomState)
      replay.progress.step += 1
    }
    let name = model.metrics.first?.sentenceName ?? "figure"
    return LatentError.failure(
      "Training stopped in epoch \(epoch), step \(failed + 1): the \(name) is no longer a finite number, and the first "
        + "value to go bad was \(culprit ?? "the \(name) itself")\(keptCheckpoint)",
      remedy: instabilityRemedy)
  }
}
