import Diagnostics
import FileFormats
import Foundation

/// The folder of a run: its configuration, metrics, checkpoints, pictures, and samplers. It can be moved.
public struct RunFolder: Sendable {
  /// Where it lies.
  public let path: String

  /// Names a folder without looking at it.
  public init(path: String) { self.path = path }

  /// `config.json`.
  public var configurationPath: String { path + "/config.json" }
  /// `metrics.jsonl`.
  public var metricsPath: String { path + "/metrics.jsonl" }
  /// The state after the last epoch, from which a run resumes.
  public var checkpointPath: String { path + "/checkpoints/latest.safetensors" }
  /// The weights with the best bound of held-out examples, of a run that stops early.
  public var bestPath: String { path + "/checkpoints/best.safetensors" }
  /// The weights that the run's model has: the best, where they are kept, else those of the last epoch.
  public var weightsPath: String { FileManager.default.fileExists(atPath: bestPath) ? bestPath : checkpointPath }
  /// `samples`.
  public var samplesPath: String { path + "/samples" }
  /// `samplers`, made when the first sampler is fitted; see `RunSamplers`.
  public var samplersPath: String { path + "/samplers" }

  /// Makes the folder for a new run.
  ///
  /// - Throws: `LatentError` when there is something already and it may not be replaced, or when it cannot be made.
  public func create(replacing: Bool) throws {
    let files = FileManager.default
    if let contents = try? files.contentsOfDirectory(atPath: path), !contents.isEmpty {
      guard files.fileExists(atPath: configurationPath) else {
        throw LatentError.usage(
          "\(path) holds files that are not a run", remedy: "Give --out another name; nothing there was changed")
      }
      guard replacing else {
        throw LatentError.usage(
          "\(path) holds a run already",
          remedy: "Give --out another name, --resume \(path) to go on with it, or --force to replace it")
      }
      for name in ["config.json", "metrics.jsonl", "checkpoints", "samples", "samplers"] {
        try? files.removeItem(atPath: path + "/" + name)
      }
      for name in contents where name.hasPrefix("events.out.tfevents.") {
        try? files.removeItem(atPath: path + "/" + name)
      }
    } else if files.fileExists(atPath: path), (try? files.contentsOfDirectory(atPath: path)) == nil {
      throw LatentError.usage("\(path) is a file, not a folder", remedy: "Give --out another name")
    }
    for folder in [path, path + "/checkpoints", samplesPath] {
      do {
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw LatentError.failure(
          "The folder \(folder) cannot be made (\(error.localizedDescription))",
          remedy: "Give --out a place where you may write")
      }
    }
  }

  /// Reads the configuration of the run.
  ///
  /// - Throws: `LatentError` when there is no run here, or one of another format.
  public func configuration() throws -> RunConfiguration {
    guard FileManager.default.fileExists(atPath: configurationPath) else {
      let exists = FileManager.default.fileExists(atPath: path)
      throw LatentError.failure(
        exists ? "\(path) is not a run: it has no config.json" : "There is no run \(path)",
        remedy: "Give the folder that `latent train --out` made")
    }
    let data = try FileReading.data(at: configurationPath)
    return try RunConfiguration(json: data, source: configurationPath)
  }

  /// Writes the configuration of the run.
  public func write(_ configuration: RunConfiguration) throws {
    try AtomicFile.write(configuration.json(), to: configurationPath)
  }
}
