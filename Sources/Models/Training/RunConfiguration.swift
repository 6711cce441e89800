import LatentDatasets
import LatentOptimizers
import LatentVariationalAutoencoders

/// Everything that decides a run: the data, the model, the objective, the optimiser, and how long.
///
/// It is the run's `config.json`, from which the model is rebuilt.
public struct RunConfiguration: Codable, Hashable, Sendable {
  /// The format of the run folder; a program reads the formats it knows.
  public var format: Int
  /// The version of the program that made the run.
  public var version: String
  /// The preset it started from.
  public var preset: String
  /// Which data are trained on, and how they are prepared.
  public var data: DataSettings
  /// The prior, encoder, posterior, decoder, and likelihood of the model that is trained.
  public var model: VariationalAutoencoder
  /// The bound that is maximised, how its gradient is estimated, and what is added to it.
  public var objective: Objective
  /// The update rule that maximises it, with its learning rate, clipping, and averages of the weights.
  public var optimizer: Optimizer
  /// How the learning rate changes from step to step, as a factor of the optimiser's.
  public var schedule: LearningRateSchedule
  /// Whether the encoder is trained ahead of the decoder.
  public var lagging: LaggingInference
  /// After how many epochs without a better bound of the held-out examples training stops; 0 for never. The best weights
  /// are kept.
  public var patience: Int
  /// How many examples make a step.
  public var batchSize: Int
  /// How often the training examples are gone through.
  public var epochs: Int
  /// The seed of initial weights, noise, and shuffling.
  public var seed: UInt64
  /// In what the products of training are computed; evaluation is in float32 unless asked for otherwise.
  public var precision: Precision
  /// The run whose weights this one began with, for the record; `nil` for random ones.
  public var startedFrom: String?
  /// The run whose model this one takes as it is, and learns a prior of; `nil` where the whole model is trained.
  public var autoencoder: String?

  /// The most epochs that a run can have.
  package static let mostEpochs = 1_000_000

  /// The format that this version writes.
  public static let currentFormat = 3
  /// The oldest format that this version reads.
  static let oldestFormat = 2

  /// Creates a configuration; what is not given is filled in when training starts.
  public init(
    preset: String = "custom", model: VariationalAutoencoder, objective: Objective = .elbo(),
    optimizer: Optimizer = .adam(), schedule: LearningRateSchedule = .init(), dataset: String = "mnist",
    binarization: Binarization = .none, batchSize: Int = 100, epochs: Int = 10, seed: UInt64 = 0,
    precision: Precision = .f32
  ) {
    format = Self.currentFormat
    version = latentVersion
    self.preset = preset
    data = DataSettings(
      name: dataset, directory: "", binarization: binarization, dequantization: .none, validation: 0, limit: 0,
      fingerprint: "",
      exampleShape: [])
    self.model = model
    self.objective = objective
    self.optimizer = optimizer
    self.schedule = schedule
    lagging = .off
    patience = 0
    self.batchSize = batchSize
    self.epochs = epochs
    self.seed = seed
    self.precision = precision
  }
}

extension RunConfiguration {
  /// Whether a training that has come so far is at its end.
  package func isComplete(_ progress: TrainingProgress) -> Bool {
    progress.epoch >= epochs || (patience > 0 && progress.stopping.epochsSinceBest >= patience)
  }
}
