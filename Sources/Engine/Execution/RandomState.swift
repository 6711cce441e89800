/// Where a run's random numbers come from: the key, and how far the counter has advanced.
public struct RandomState: Hashable, Sendable, Codable {
  /// The key of the generator.
  public var seed: UInt64
  /// The high part of the counter: one more for each training step.
  public var step: UInt64

  /// Creates a state; the same seed and step give the same numbers on every back end.
  public init(seed: UInt64, step: UInt64 = 0) {
    self.seed = seed
    self.step = step
  }

  /// The state as the four int32 words of the program's random-state input: seed and step, low word first.
  package var words: SIMD4<Int32> {
    SIMD4(
      Int32(truncatingIfNeeded: seed), Int32(truncatingIfNeeded: seed >> 32), Int32(truncatingIfNeeded: step),
      Int32(truncatingIfNeeded: step >> 32))
  }

  /// Reads the state back from its four words.
  package init(words: SIMD4<Int32>) {
    func pair(_ low: Int32, _ high: Int32) -> UInt64 {
      UInt64(UInt32(bitPattern: low)) | UInt64(UInt32(bitPattern: high)) << 32
    }
    self.init(seed: pair(words.x, words.y), step: pair(words.z, words.w))
  }
}
