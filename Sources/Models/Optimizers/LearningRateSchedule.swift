import Foundation

/// How the learning rate changes over a run, as a factor of its first value.
public struct LearningRateSchedule: Codable, Hashable, Sendable {
  /// The course that the factor takes after the warm-up.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// The factor 1 throughout.
    case constant
    /// Multiplied by `factor` every `interval` epochs.
    case step
    /// Half a cosine from 1 to 0 over the run (Loshchilov & Hutter 2016, without restarts).
    case cosine
    /// Multiplied by `factor` when the watched bound has not improved for `interval` epochs.
    case plateau
  }

  /// The course after the warm-up.
  public var kind: Kind
  /// What the rate is multiplied by (step, plateau).
  public var factor: Double
  /// After how many epochs (step, plateau).
  public var interval: Int
  /// Training steps over which the rate first grows linearly from zero; 0 for none.
  public var warmupSteps: Int

  /// Creates a schedule; what its kind does not use is ignored.
  public init(_ kind: Kind = .constant, factor: Double = 0.5, interval: Int = 10, warmupSteps: Int = 0) {
    self.kind = kind
    self.factor = factor
    self.interval = interval
    self.warmupSteps = warmupSteps
  }

  /// The factor at a training step.
  ///
  /// - Parameters:
  ///   - step: steps taken before this one.
  ///   - stepsPerEpoch: how many make an epoch.
  ///   - epochs: how many the whole run has.
  ///   - reductions: how often a plateau has been met so far.
  public func factor(step: Int, stepsPerEpoch: Int, epochs: Int, reductions: Int = 0) -> Double {
    let warmup = warmupSteps > 0 ? min(1, Double(step + 1) / Double(warmupSteps)) : 1
    switch kind {
    case .constant: return warmup
    case .step: return warmup * pow(factor, Double(step / max(1, stepsPerEpoch) / max(1, interval)))
    case .cosine:
      let total = max(1, stepsPerEpoch * epochs - warmupSteps)
      let progress = min(1, Double(max(0, step - warmupSteps)) / Double(total))
      return warmup * (1 + cos(.pi * progress)) / 2
    case .plateau: return warmup * pow(factor, Double(reductions))
    }
  }
}

/// Watches a bound for `LearningRateSchedule.Kind.plateau`; part of a run's saved state.
package struct PlateauWatch: Codable, Hashable, Sendable {
  /// The best bound so far, in nats.
  package private(set) var best: Double?
  /// Epochs since the best, or since the last reduction.
  package private(set) var patience = 0
  /// How often the rate has been reduced.
  package private(set) var reductions = 0

  /// Starts without a best bound, which the first one then is.
  package init() {}

  /// Whether these can be the notes of a run; what a file says may be anything.
  package var isSound: Bool {
    (best?.isFinite ?? true) && (0...1_000_000).contains(patience) && (0...1_000_000).contains(reductions)
  }

  /// Takes note of an epoch's bound; larger is better.
  package mutating func note(_ bound: Double, interval: Int) {
    if best.map({ bound > $0 }) ?? true {
      best = bound
      patience = 0
      return
    }
    patience += 1
    if patience >= interval {
      reductions += 1
      patience = 0
    }
  }
}
