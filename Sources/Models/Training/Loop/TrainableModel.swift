import LatentDatasets
import LatentExecution
import LatentOptimizers
import LatentTensorGraph

/// What a training loop knows of a model: variables, losses of a batch, and what it is measured by.
///
/// A `VariationalAutoencoder` is one such model (`AutoencoderTask`); a denoiser, a classifier, two networks that play
/// against each other are others. `ModelTrainer` trains any of them.
public protocol TrainableModel {
  /// Everything that training changes and checkpoints hold, what belongs to optimisers excepted.
  var variables: [Variable] { get }
  /// Variables with an optimiser, or a counter of steps, of their own.
  var parameterGroups: [ParameterGroup] { get }
  /// What it is measured by, in the order in which it is shown. Early stopping, the plateau schedule, and the watch for
  /// divergence go by the first.
  var metrics: [Metric] { get }
  /// The epochs after which it is always the same that is minimised; early stopping counts from there.
  var warmUpEpochs: Double { get }

  /// Adds what a step minimises to the graph of a batch, and sums over the batch that the figures are made of.
  func step(_ trace: StepTrace) -> TracedStep

  /// The value of each metric, from the sums over some examples; `nil` for one that was not measured.
  func figures(_ sums: [Double], examples: Int, isTraining: Bool) -> [Double?]

  /// The value of each metric on examples that are not trained on.
  func evaluate(_ examples: Examples, _ weights: TrainedWeights) throws -> [Double?]

  /// Takes steps on a part of the variables ahead of a step of the loop, if the model has such steps.
  ///
  /// - Returns: the part that the step itself moves; `nil` for all.
  func prepareStep(_ driver: StepDriver, _ progress: inout TrainingProgress) throws -> TrainingPart?

  /// Takes note of a completed epoch.
  func finishEpoch(_ weights: TrainedWeights, _ progress: inout TrainingProgress) throws

  /// Writes what the model is to the run's folder, before any other file of the run.
  func describe(to folder: RunFolder, _ settings: TrainingSettings) throws
}

extension TrainableModel {
  /// None: all variables have one optimiser.
  public var parameterGroups: [ParameterGroup] { [] }
  /// 0: it is always the same that is minimised.
  public var warmUpEpochs: Double { 0 }

  /// The mean of each sum over the examples.
  public func figures(_ sums: [Double], examples: Int, isTraining: Bool) -> [Double?] {
    sums.map { $0 / Double(examples) }
  }

  /// The figures of a step that moves nothing, traced for inference.
  public func evaluate(_ examples: Examples, _ weights: TrainedWeights) throws -> [Double?] {
    let sums = try weights.sums(of: self, over: examples)
    return figures(sums, examples: examples.count, isTraining: false)
  }

  /// None: the loop's steps move all variables.
  public func prepareStep(_ driver: StepDriver, _ progress: inout TrainingProgress) throws -> TrainingPart? { nil }

  /// Nothing is noted.
  public func finishEpoch(_ weights: TrainedWeights, _ progress: inout TrainingProgress) throws {}

  /// Writes the settings of the training alone.
  public func describe(to folder: RunFolder, _ settings: TrainingSettings) throws { try folder.write(settings) }
}

/// Variables that have an optimiser, or a counter of steps, of their own.
public struct ParameterGroup {
  /// Tells the group's state from others in checkpoints.
  public let name: String
  /// The group's variables.
  public let variables: [Variable]
  /// What moves them; `nil` for what moves all others, with a counter of steps of their own.
  public let optimizer: Optimizer?

  /// Creates a group.
  public init(_ name: String, _ variables: [Variable], optimizer: Optimizer? = nil) {
    self.name = name
    self.variables = variables
    self.optimizer = optimizer
  }
}

/// A part of a model's variables that some steps move alone.
public struct TrainingPart {
  /// Tells its program from those of other parts.
  public let name: String
  /// Whether a variable belongs to it.
  public let contains: (Variable) -> Bool

  /// Creates a part.
  public init(_ name: String, contains: @escaping (Variable) -> Bool) {
    self.name = name
    self.contains = contains
  }
}

/// What a model can do ahead of a step of the loop.
public struct StepDriver {
  /// How many training examples there are.
  public let examples: Int
  /// How many of them the loop's next step takes.
  public let batchSize: Int
  /// The seed of the run.
  public let seed: UInt64
  /// Takes a step on the examples at some places, with random numbers of its own, and gives the sums over them.
  public let step: (_ batch: [Int], _ part: TrainingPart, _ random: RandomState) throws -> [Double]
}
