/// The counter-based generator Philox 4x32-10: a keyed bijection from a 128-bit counter to 128 random bits.
///
/// There is no state to advance, so any block can be drawn at any time, on any thread, in any order, with the same
/// result. A stream of random 32-bit words is addressed as (seed, stream, step, element):
/// the key is the seed; the counter's words are element / 4 (low word), stream, step (low word), step (high word);
/// word element % 4 of the block is the element's word.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011).
package struct Philox4x32: Sendable {
  /// The low word of the key.
  package var keyLow: UInt32
  /// The high word of the key.
  package var keyHigh: UInt32

  /// Creates the generator whose key is the seed.
  package init(seed: UInt64) {
    keyLow = UInt32(truncatingIfNeeded: seed)
    keyHigh = UInt32(truncatingIfNeeded: seed >> 32)
  }

  /// The four words at a counter.
  package func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k0 = keyLow
    var k1 = keyHigh
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) * UInt64(c.x)
      let p1 = UInt64(0xCD9E_8D57) * UInt64(c.z)
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k0,
        UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k1,
        UInt32(truncatingIfNeeded: p0))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return c
  }

  /// The block that holds elements 4 * index to 4 * index + 3 of a stream at a step.
  package func block(_ index: UInt32, stream: UInt32, step: UInt64) -> SIMD4<UInt32> {
    block(SIMD4(index, stream, UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)))
  }
}

/// A uniform number in [0, 1) from a random word: its upper 24 bits over 2^24, exact in float32.
package func uniform(fromBits bits: UInt32) -> Double {
  Double(bits >> 8) * 0x1p-24
}
