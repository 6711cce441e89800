import Diagnostics

/// Aggressive training of the encoder against lagging inference (He et al. 2019, algorithm 1): before each step of the
/// decoder the encoder alone takes steps, until the bound stops improving; as soon as the mutual information between
/// examples and latents has stopped growing, training goes on as usual.
public struct LaggingInference: Codable, Hashable, Sendable {
  /// How many steps the encoder takes at most before each step of the decoder; 0 for training as usual.
  public var maximumSteps: Int
  /// Over how many steps the bound is averaged when it is asked whether it still improves.
  public var window: Int

  /// Creates the settings.
  public init(maximumSteps: Int, window: Int = 10) {
    self.maximumSteps = maximumSteps
    self.window = window
  }

  /// Training as usual.
  public static let off = LaggingInference(maximumSteps: 0, window: 10)
  /// The published settings.
  public static let aggressive = LaggingInference(maximumSteps: 100, window: 10)

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
  /// The mutual information after the last epoch, in nats.
  var information = 0.0
  /// Steps that the encoder has taken alone; the counter of their random numbers.
  var steps = 0
}
