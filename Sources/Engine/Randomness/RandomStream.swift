/// Sequential access to one Philox stream, for host-side work such as shuffling and initial weights.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let generator: Philox4x32
  private let stream: UInt32
  private let step: UInt64
  private var index: UInt32 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// Creates the stream at (seed, stream, step), positioned at its first element.
  package init(seed: UInt64, stream: UInt32, step: UInt64 = 0) {
    generator = Philox4x32(seed: seed)
    self.stream = stream
    self.step = step
  }

  /// Creates the stream named by a text, so that a stream does not depend on what else was created before it.
  public init(seed: UInt64, name: String, step: UInt64 = 0) {
    self.init(seed: seed, stream: streamIdentifier(name), step: step)
  }

  /// The next 32 random bits, four of which come from one block of the generator.
  package mutating func nextWord() -> UInt32 {
    if used == 4 {
      words = generator.block(index, stream: stream, step: step)
      index &+= 1
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// The next 64 random bits, two words with the low one first.
  public mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return UInt64(nextWord()) << 32 | low
  }

  /// The next uniform number in [0, 1).
  public mutating func nextUniform() -> Double { uniform(fromBits: nextWord()) }
}

/// A stable 32-bit identifier of a stream's name (FNV-1a).
package func streamIdentifier(_ name: String) -> UInt32 {
  name.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
}
