import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentRandomness

/// Aggressive training of the encoder against lagging inference (He et al. 2019, algorithm 1): before each step of the
/// decoder the encoder alone takes steps, until the bound stops improving; as soon as the mutual information between
/// examples and latents has stopped growing, training goes on as usual.
///
/// The information is `NormalPosteriors.informationBound` of up to 10,000 examples, held-out ones where there are, as the model
/// sees them: an estimate from the average of as many posteriors would end at the logarithm of their number, and training with
/// it.
public struct LaggingInference: Codable, Hashable, Sendable {
  /// How many steps the encoder takes at most before each step of the decoder; 0 for training as usual.
  public var maximumSteps: Int
  /// Over how many steps the bound is averaged when it is asked whether it still improves.
  public var window: Int

  /// Creates settings; 0 steps are training as usual.
  public init(maximumSteps: Int, window: Int = 10) {
    self.maximumSteps = maximumSteps
    self.window = window
  }

  /// Training as usual: encoder and decoder take every step together.
  public static let off = LaggingInference(maximumSteps: 0, window: 10)
  /// The published settings: up to 100 steps of the encoder before each of the decoder, judged by 10 at a time.
  public static let aggressive = LaggingInference(maximumSteps: 100, window: 10)

  /// How many examples are watched at most.
  static let watchedExamples = 10_000

  /// The examples whose information is watched, the same at every epoch: some of the held-out ones, else of the training
  /// ones, as the model sees them; where it sees them drawn anew at every visit, drawn once.
  static func watched(
    train: Examples, validation: Examples?, as data: RunConfiguration.DataSettings
  ) throws -> Examples {
    let all = validation ?? train
    let some =
      all.count > watchedExamples
      ? try all.split(validation: watchedExamples, seed: Trainer.binarizationSeed).validation : all
    let isDrawn = validation != nil || data.binarization == .static
    return isDrawn ? some : data.prepared(some)
  }

  /// Lets the encoder alone take steps on batches drawn at random until what is maximised stops growing.
  ///
  /// - Parameter encoder: the variables that infer latents.
  func trainAhead(_ driver: StepDriver, _ state: inout LaggingState, _ encoder: TrainingPart) throws {
    var (previous, sum) = (-Double.infinity, 0.0)
    for index in 1...maximumSteps {
      let counter = UInt64(state.steps)
      var stream = RandomStream(seed: driver.seed, name: "lagging inference", step: counter)
      let batch = (0..<driver.batchSize).map { _ in Int(stream.next() % UInt64(driver.examples)) }
      let random = RandomState(seed: derivedSeed(driver.seed, "lagging inference"), step: counter)
      // The last of the sums is what is maximised.
      sum += try driver.step(batch, encoder, random).last ?? 0
      state.steps += 1
      guard index % window == 0 else { continue }
      guard sum > previous else { return }
      (previous, sum) = (sum, 0)
    }
  }

  /// Refuses numbers that make no sense.
  func validate() throws {
    guard (0...10_000).contains(maximumSteps), (1...1000).contains(window) else {
      throw LatentError.usage(
        "The encoder cannot take \(maximumSteps) steps of its own with a window of \(window)",
        remedy: "Set lagging.maximumSteps from 0 to 10000 and lagging.window from 1 to 1000")
    }
  }
}

/// Where aggressive training of the encoder stands; a part of a checkpoint.
struct LaggingState: Codable, Hashable, Sendable {
  /// Whether the mutual information has stopped growing, so that training goes on as usual.
  var isOver = false
  /// The mutual information after the last epoch, in nats, bounded from above.
  var information = 0.0
  /// Steps that the encoder has taken alone; the counter of their random numbers.
  var steps = 0
}
