/// Where a run's random numbers come from: the key, and how far the counter has advanced.
public struct RandomState: Hashable, Sendable, Codable {
  /// The key of the generator.
  public var seed: UInt64
  /// The high part of the counter: one more for each training step.
  public var step: UInt64

  /// Creates a state.
  public init(seed: UInt64, step: UInt64 = 0) {
    self.seed = seed
    self.step = step
  }

  /// The state as the four int32 words of the program's random-state input: seed and step, low word first.
  public var words: [Int32] {
    [seed, seed >> 32, step, step >> 32].map { Int32(truncatingIfNeeded: $0) }
  }

  /// Reads the state back from its four words.
  public init(words: [Int32]) {
    let parts = words.map { UInt64(UInt32(bitPattern: $0)) }
    self.init(seed: parts[0] | parts[1] << 32, step: parts[2] | parts[3] << 32)
  }
}
