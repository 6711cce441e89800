import LatentDiagnostics
import LatentFileFormats
import Foundation
import LatentVariationalAutoencoders

/// The folder of a run: its configuration, metrics, checkpoints, pictures, and samplers. It can be moved.
public struct RunFolder: Sendable {
  /// The folder's path, as it was given.
  public let path: String

  /// Names a folder without looking at it.
  public init(path: String) { self.path = path }

  /// `config.json`: the run's `RunConfiguration`, from which the model is rebuilt.
  public var configurationPath: String { path + "/config.json" }
  /// `metrics.jsonl`: the figures of each epoch, one JSON object a line.
  public var metricsPath: String { path + "/metrics.jsonl" }
  /// The state after the last epoch, or the step at which the run was ended, from which it resumes.
  public var checkpointPath: String { path + "/checkpoints/latest.safetensors" }
  /// The weights with the best bound of held-out examples, of a run that stops early.
  package var bestPath: String { path + "/checkpoints/best.safetensors" }
  /// The weights that the run's model has: the best, where they are kept, else those of the last epoch.
  package var weightsPath: String { FileManager.default.fileExists(atPath: bestPath) ? bestPath : checkpointPath }
  /// `samples`: pictures of what the model draws and reconstructs when training ends.
  package var samplesPath: String { path + "/samples" }
  /// `samplers`, made when the first sampler is fitted; see `RunSamplers`.
  package var samplersPath: String { path + "/samplers" }
  /// The file of a kind of sampler, whether it is there or not.
  func path(ofSampler kind: String) -> String { samplersPath + "/" + kind + ".safetensors" }

  /// Whether the run has a checkpoint from which it resumes; a link that leads nowhere at present counts.
  package var hasCheckpoint: Bool { Self.exists(checkpointPath) || Self.isDanglingLink(path + "/checkpoints") }

  /// Whether something would be lost with the run.
  var hasWeights: Bool { hasCheckpoint || Self.exists(bestPath) }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  private static func isDanglingLink(_ path: String) -> Bool {
    exists(path) && !FileManager.default.fileExists(atPath: path)
  }

  /// Reads the configuration of the run.
  ///
  /// - Throws: `LatentError` when there is no run here, or one of another format, or its file has been changed since it was
  ///   written, or names settings that do not exist or that no run can have.
  public func configuration(families: Families = .builtIn) throws -> RunConfiguration {
    guard FileManager.default.fileExists(atPath: configurationPath) else {
      let exists = FileManager.default.fileExists(atPath: path)
      throw LatentError.failure(
        exists ? "\(path) is not a run: it has no config.json" : "There is no run \(path)",
        remedy: "Give the folder that `latent train --out` made")
    }
    let data = try FileReading.data(at: configurationPath)
    try RunConfiguration.checkFormat(json: data, source: configurationPath)
    try SealedText.check(data, path: configurationPath)
    let configuration = try RunConfiguration(json: data, source: configurationPath, families: families)
    try configuration.checkRanges()
    return configuration
  }

  /// The figures of each epoch that is done, in order; none of a run that has not finished its first.
  ///
  /// - Throws: `LatentError` for a file that was not written by a training.
  public func metrics() throws -> [EpochMetrics] {
    try MetricsLog(path: metricsPath, keeping: RunConfiguration.mostEpochs).metrics
  }

  /// How far its last checkpoint goes; `nil` where there is none yet.
  ///
  /// - Throws: `LatentError` for a checkpoint that is damaged, or of another version.
  package func progress() throws -> TrainingProgress? {
    FileManager.default.fileExists(atPath: checkpointPath) ? try Checkpoint.progress(checkpointPath) : nil
  }

  /// Refuses a run without weights, with a word on where those are that it was to replace.
  func checkHasWeights() throws {
    guard !FileManager.default.fileExists(atPath: weightsPath) else { return }
    let isReplacing = FileManager.default.fileExists(atPath: replacedPath)
    throw LatentError.failure(
      "There is no checkpoint \(weightsPath)",
      remedy: isReplacing
        ? "Wait for the first epoch of its training; the run that it replaces is in \(replacedPath)"
        : "Train the run for at least one epoch first: latent train --resume \(path)")
  }

  /// Refuses to go on with a run whose figures say that it had a checkpoint, where there is none.
  func refuseLostCheckpoint() throws {
    let log = try MetricsLog(path: metricsPath, keeping: RunConfiguration.mostEpochs)
    guard log.metrics.allSatisfy({ $0.epoch <= 1 }) else {
      throw LatentError.failure(
        "The run in \(path) has lost its checkpoint \(checkpointPath), without which it cannot go on",
        remedy: "Put the file back, or begin a new run with --from \(path)")
    }
  }

  /// Goes through everything that the run keeps: configuration, figures, checkpoints, and samplers.
  ///
  /// - Returns: the files that were read, which are sound.
  /// - Throws: `LatentError` that names the first file that is damaged, or lacks the run's weights.
  public func verify(families: Families = .builtIn) throws -> [String] {
    _ = try configuration(families: families)
    try checkHasWeights()
    var sound = [configurationPath]
    let files = FileManager.default
    if files.fileExists(atPath: metricsPath) {
      _ = try MetricsLog(path: metricsPath, keeping: RunConfiguration.mostEpochs)
      sound.append(metricsPath)
    }
    for path in [checkpointPath, bestPath] where files.fileExists(atPath: path) {
      try Checkpoint.verify(path)
      sound.append(path)
    }
    for type in families.samplers {
      let path = path(ofSampler: type.kind)
      guard files.fileExists(atPath: path) else { continue }
      _ = try SamplerFile(path: path, kind: type.kind)
      sound.append(path)
    }
    // What the checksums cannot know: that these are the weights of this model.
    _ = try TrainedModel(run: self, families: families)
    return sound
  }

  /// Writes the configuration of the run, sealed so that damage is found.
  package func write(_ configuration: RunConfiguration) throws {
    try AtomicFile.write(SealedText.seal(configuration.json()), to: configurationPath)
  }
}
