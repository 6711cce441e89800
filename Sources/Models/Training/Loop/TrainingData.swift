import LatentDatasets

/// The examples of a run, as the model sees them.
public struct TrainingData {
  /// What is trained on, what early stopping watches, and what is measured in the end.
  public var train: Examples, validation: Examples?, test: Examples?

  /// Names the splits.
  public init(train: Examples, validation: Examples? = nil, test: Examples? = nil) {
    self.train = train
    self.validation = validation
    self.test = test
  }
}

/// What happens while a run goes on.
public enum TrainingEvent: Sendable {
  /// A step is done: its number in the epoch from 1, and the first metric of its batch.
  case step(epoch: Int, step: Int, stepsPerEpoch: Int, figure: Double)
  /// An epoch, or an evaluation after it, is done.
  case metrics(EpochMetrics)
}
