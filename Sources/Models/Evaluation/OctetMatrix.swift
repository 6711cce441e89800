/// Codes in double precision, eight examples side by side in one vector for each latent, the last filled up with zeros.
struct OctetMatrix: Sequence {
  /// The number of latents.
  let width: Int
  /// The number of examples.
  let count: Int
  /// `octets * width` vectors: octets one after another, latents inside.
  private let vectors: [SIMD8<Double>]

  /// The number of groups of eight.
  var octets: Int { (count + 7) / 8 }

  /// Rearranges codes less a centre.
  init(_ codes: CodeMatrix, centre: [Double]) {
    width = codes.width
    count = codes.count
    var vectors = [SIMD8<Double>](repeating: .zero, count: (count + 7) / 8 * width)
    for example in 0..<count {
      for latent in 0..<width {
        vectors[example / 8 * width + latent][example % 8] =
          Double(codes.values[example * width + latent]) - centre[latent]
      }
    }
    self.vectors = vectors
  }

  /// The number of examples in an octet, as 1 for each and 0 for what fills up.
  func presence(_ octet: Int) -> SIMD8<Double> {
    var result = SIMD8<Double>.zero
    for lane in 0..<Swift.min(8, count - octet * 8) { result[lane] = 1 }
    return result
  }

  /// Gives access to one octet, latent by latent.
  func withOctet<Result>(_ octet: Int, _ body: (UnsafeBufferPointer<SIMD8<Double>>) -> Result) -> Result {
    vectors.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[octet * width..<(octet + 1) * width])) }
  }

  /// Goes through the octets.
  func makeIterator() -> AnyIterator<[SIMD8<Double>]> {
    var octet = 0
    return AnyIterator {
      guard octet < octets else { return nil }
      defer { octet += 1 }
      return Array(vectors[octet * width..<(octet + 1) * width])
    }
  }
}
