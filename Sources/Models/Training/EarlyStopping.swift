/// Watches the bound of held-out examples, to stop when it no longer improves; a part of a checkpoint. It is told of epochs
/// after the objective's schedules alone (`Objective.warmUpEpochs`).
struct EarlyStopping: Codable, Hashable, Sendable {
  /// The best bound so far, in nats.
  private(set) var best: Double?
  /// Epochs since the best.
  private(set) var epochsSinceBest = 0

  /// Takes note of an epoch's bound; larger is better.
  ///
  /// - Returns: whether it is the best so far.
  mutating func note(_ bound: Double) -> Bool {
    guard best.map({ bound > $0 }) ?? true else {
      epochsSinceBest += 1
      return false
    }
    (best, epochsSinceBest) = (bound, 0)
    return true
  }

  /// Whether these can be the notes of a run; what a file says may be anything.
  var isSound: Bool {
    (best?.isFinite ?? true) && (0...RunConfiguration.mostEpochs).contains(epochsSinceBest)
  }
}
