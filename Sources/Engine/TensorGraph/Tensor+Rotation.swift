import Foundation

extension Tensor {
  /// Rotary positions (Su et al. 2021): features i and i + D / 2 of [N, T, heads, D] are turned by the angle position times
  /// base^(-2 i / D), so that products of two rotated rows depend on the distance of their positions alone.
  ///
  /// - Parameter positions: [T], of any numeric type.
  public func rotated(
    positions: Tensor, base: Double = 10_000, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard rank == 4, shape[3] % 2 == 0, positions.shape == [shape[1]], type.isFloatingPoint else {
      shapeMistake(
        "rotated", [self, positions], "expected [N, T, heads, D] of an even D and positions [T]", file: file, line: line
      )
    }
    let half = shape[3] / 2
    let frequencies = (0..<half).map { pow(base, -Double($0) / Double(half)) }
    // In float32, since a bfloat16 holds no position above 256.
    let angleType: ElementType = type == .bfloat16 ? .float32 : type
    let angles =
      positions.converted(to: angleType).reshape([shape[1], 1, 1])
      * graph.constant(frequencies, shape: [half], type: angleType)
    let (cosine, sine) = (angles.cosine().converted(to: type), angles.sine().converted(to: type))
    let (first, second) = (slice(3, 0..<half), slice(3, half..<shape[3]))
    return Tensor.concatenate(
      [first * cosine - second * sine, first * sine + second * cosine], dimension: 3)
  }
}
