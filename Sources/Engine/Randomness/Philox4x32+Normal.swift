import Foundation

extension Philox4x32 {
  /// Four standard normal numbers from the block at an index, by the Box-Muller transform.
  ///
  /// Words 0 and 1 give normals 0 (cosine) and 1 (sine); words 2 and 3 give normals 2 and 3. The radius comes from
  /// (upper 24 bits + 1) / 2^24, which lies in (0, 1], so that its logarithm is finite; the angle from upper 24 bits / 2^24.
  package func normals(_ index: UInt32, stream: UInt32, step: UInt64) -> SIMD4<Double> {
    let words = block(index, stream: stream, step: step)
    let (a, b) = Self.boxMuller(words.x, words.y)
    let (c, d) = Self.boxMuller(words.z, words.w)
    return SIMD4(a, b, c, d)
  }

  private static func boxMuller(_ first: UInt32, _ second: UInt32) -> (Double, Double) {
    let radius = (-2 * log((Double(first >> 8) + 1) * 0x1p-24)).squareRoot()
    let angle = 2 * Double.pi * uniform(fromBits: second)
    return (radius * cos(angle), radius * sin(angle))
  }
}
