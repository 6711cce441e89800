import Foundation

/// Moves a step size until proposals are accepted as often as wanted.
struct StepSizeTuner {
  /// The step size at present.
  private(set) var value: Double
  /// How often proposals should be accepted.
  let target: Double

  /// Starts from a step size; Kingma & Welling 2013 (appendix E) want 90 % acceptance.
  init(_ value: Double = 0.1, target: Double = 0.9) {
    self.value = value
    self.target = target
  }

  /// Takes note of a mean acceptance probability.
  ///
  /// - Parameter gain: by how much the logarithm of the step size changes for a difference of 1; it never changes by more
  ///   than 1 at once. Large to find the size, small to keep it.
  mutating func note(acceptance: Double, gain: Double) {
    value = min(10, max(1e-4, value * exp(max(-1, gain * (acceptance - target)))))
  }
}
