import LatentDiagnostics
import LatentExecution
import LatentFileFormats
import Foundation
import LatentOptimizers
import LatentTensorGraph

/// How far a run has come, besides the values of its variables.
public struct TrainingProgress: Codable, Hashable, Sendable {
  /// How many epochs have been completed.
  public var epoch = 0
  /// Training steps taken; the counter of the random numbers.
  public var step = 0
  /// How far the next epoch has come, of a run that was ended in it; `nil` between epochs.
  var partial: PartialEpoch?
  /// What the plateau schedule has seen.
  package var plateau = PlateauWatch()
  /// What early stopping has seen.
  var stopping = EarlyStopping()
  /// Numbers that a model keeps for its own use; `nil` for none.
  public var notes: [String: Double]?
  /// Where aggressive training of the encoder stands.
  var lagging = LaggingState()

  /// The state before the first epoch.
  public init() {}

  /// Whether a run can have come this far; what a file says may be anything.
  var isSound: Bool {
    (0...RunConfiguration.mostEpochs).contains(epoch) && (0...(1 << 50)).contains(step)
      && (partial?.isSound ?? true) && (0...(1 << 50)).contains(lagging.steps) && lagging.information.isFinite
      && plateau.isSound && stopping.isSound
      && (notes ?? [:]).values.allSatisfy(\.isFinite)
  }
}

/// The part of an epoch that is behind a run that was ended in it.
struct PartialEpoch: Codable, Hashable, Sendable {
  /// How many of its steps have been taken.
  var steps: Int
  /// How many examples a step takes.
  var batchSize: Int
  /// What the figures of the epoch are made of, over these steps.
  var sums: [Double]
  /// How long they took.
  var seconds: Double

  var isSound: Bool { (1...(1 << 50)).contains(steps) && sums.allSatisfy(\.isFinite) && seconds.isFinite }
}

/// Saves and restores the whole state of a run: weights, optimiser, step, and random counter.
package enum Checkpoint {
  private static let format = "latent-checkpoint-2"
  /// The same of a run that was ended within an epoch, which earlier versions of the program would begin anew.
  private static let partialFormat = "latent-checkpoint-3"
  /// The format without checksums, which is still read.
  private static let earlierFormat = "latent-checkpoint-1"

  /// Writes a checkpoint under a temporary name, then renames it.
  ///
  /// The same state gives the same bytes.
  package static func write(
    _ variables: [Variable], of store: VariableStore, progress: TrainingProgress, to path: String
  ) throws {
    let tensors = try variables.map { variable in
      let value = try store.value(of: variable)
      let array = try NumericArray(
        shape: variable.shape.dimensions, type: variable.type.dataType, bytes: Data(value.bytes))
      return (name: variable.name, array: array)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let metadata = [
      "format": progress.partial == nil ? format : partialFormat,
      "progress": String(decoding: try encoder.encode(progress), as: UTF8.self),
    ]
    try Safetensors(tensors: tensors, metadata: metadata).write(to: path, checksums: true)
  }

  /// Restores variables from a checkpoint; those in it that are not asked for are ignored.
  ///
  /// - Throws: `LatentError` when the file is damaged, or is not of this model.
  @discardableResult
  package static func read(_ variables: [Variable], into store: VariableStore, from path: String) throws
    -> TrainingProgress
  {
    guard FileManager.default.fileExists(atPath: path) else {
      throw LatentError.failure(
        "There is no checkpoint \(path)", remedy: "Train the run for at least one epoch first")
    }
    let (file, progress) = try open(path)
    for variable in variables {
      // Counters of groups and averages of statistics are younger than the earlier format, and begin as copies.
      if file.metadata["format"] == earlierFormat, file.tensors[variable.name] == nil,
        case .copy(let original) = variable.initializer
      {
        try store.set(variable, to: store.value(of: original))
        continue
      }
      guard let tensor = file.tensors[variable.name] else {
        throw LatentError.failure(
          "\(path) has no \(variable.name)", remedy: "Use the checkpoint with the run that it was made in")
      }
      guard tensor.shape == variable.shape.dimensions, tensor.type == variable.type.dataType else {
        throw LatentError.failure(
          "\(path) holds \(variable.name) as \(tensor.type) \(tensor.shape), the model needs \(variable)",
          remedy: "Use the checkpoint with the run that it was made in")
      }
      try store.replace(variable) { try file.read(tensor, into: $0) }
      guard try !isOfTheModel(variable.name) || store.isFinite(variable) else {
        throw LatentError.failure(
          "\(path) holds \(variable.name) with values that are not finite numbers",
          remedy: "Use an earlier copy of the run, or train it again")
      }
    }
    return progress
  }

  /// How far the training had come that a checkpoint was made in.
  package static func progress(_ path: String) throws -> TrainingProgress { try open(path).progress }

  /// Goes through a whole checkpoint, weights and optimiser.
  ///
  /// - Throws: `LatentError` that says what is damaged.
  package static func verify(_ path: String) throws { try open(path).file.verify(finite: isOfTheModel) }

  /// Whether a tensor takes part in what the model computes; the slots of an optimiser may overflow and do no harm.
  private static func isOfTheModel(_ name: String) -> Bool {
    !name.hasPrefix("optimizer/") || name.hasSuffix("/average")
  }

  private static func open(_ path: String) throws -> (file: SafetensorsFile, progress: TrainingProgress) {
    let file = try SafetensorsFile(path: path)
    let isKnown = file.metadata["format"].map { written in
      [format, partialFormat].contains(written) ? file.hasChecksums : written == earlierFormat
    }
    guard isKnown == true, let saved = file.metadata["progress"],
      let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(saved.utf8))
    else {
      throw LatentError.failure(
        "\(path) was not written by this version of latent", remedy: "Use the version that made the run")
    }
    guard progress.isSound else {
      throw LatentError.failure(
        "\(path) says that it was made after \(progress.epoch) epochs and \(progress.step) steps, which cannot be",
        remedy: "Use an earlier copy of the run, or train it again")
    }
    return (file, progress)
  }
}

extension ElementType {
  /// The same type in a file.
  var dataType: DataType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float64: .float64
    case .int32: .int32
    case .bool: .bool
    }
  }
}
