import LatentDiagnostics
import LatentFileFormats
import Foundation
import LatentOptimizers

/// How a model is trained, whatever it is.
public struct TrainingSettings: Codable, Hashable, Sendable {
  /// The update rule, with its learning rate, clipping, and averages of the weights.
  public var optimizer: Optimizer
  /// How the learning rate changes from step to step, as a factor of the optimiser's.
  public var schedule: LearningRateSchedule
  /// How many examples make a step.
  public var batchSize: Int
  /// How often the training examples are gone through.
  public var epochs: Int
  /// The seed of initial weights, noise, and shuffling.
  public var seed: UInt64
  /// After how many epochs without a better figure of the held-out examples training stops; 0 for never.
  public var patience: Int
  /// In what the products of training are computed.
  public var precision: Precision

  /// Creates settings.
  public init(
    optimizer: Optimizer = .adam(), schedule: LearningRateSchedule = .init(), batchSize: Int = 100, epochs: Int = 10,
    seed: UInt64 = 0, patience: Int = 0, precision: Precision = .f32
  ) {
    self.optimizer = optimizer
    self.schedule = schedule
    self.batchSize = batchSize
    self.epochs = epochs
    self.seed = seed
    self.patience = patience
    self.precision = precision
  }

  /// Refuses what cannot be trained with so many examples.
  ///
  /// - Throws: `LatentError` with the setting to change.
  func validate(examples: Int, validation: Int) throws {
    guard batchSize >= 1, batchSize <= examples, epochs >= 1, optimizer.learningRate > 0 else {
      throw LatentError.usage(
        "\(epochs) epochs of batches of \(batchSize) at a learning rate of \(optimizer.learningRate) cannot be trained with "
          + "\(examples) examples",
        remedy: "Set epochs and the learning rate above 0, and batchSize from 1 to \(examples)")
    }
    guard validation > 0 || (patience == 0 && schedule.kind != .plateau) else {
      throw LatentError.usage(
        "Stopping early and the plateau schedule watch validation examples, of which there are none",
        remedy: "Give some, or set patience to 0 and another schedule")
    }
  }
}

extension RunFolder {
  /// Writes the settings of a model's training, of which nothing else is known to the run.
  func write(_ settings: TrainingSettings) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      SealedText.seal(encoder.encode(["training": settings]) + Data("\n".utf8)), to: configurationPath)
  }
}
