import LatentRandomness

/// Random orders that depend on nothing but the seed and the epoch.
package struct Shuffler: Sendable {
  /// The numbers below `count` in an order that is uniformly random over seeds and epochs.
  package static func permutation(count: Int, seed: UInt64, epoch: Int) -> [Int] {
    permutation(count: count, stream: RandomStream(seed: seed, name: "shuffle", step: UInt64(bitPattern: Int64(epoch))))
  }

  /// The numbers below `count` in an order drawn from a stream, by the Fisher-Yates algorithm.
  static func permutation(count: Int, stream: RandomStream) -> [Int] {
    var stream = stream
    var order = Array(0..<max(count, 0))
    guard order.count > 1 else { return order }
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(draw(below: UInt64(last) + 1, from: &stream)))
    }
    return order
  }

  /// An unbiased number below a bound: the upper half of a product, redrawn where the lower half would favour some.
  ///
  /// Written out rather than taken from the standard library, whose method may change between versions.
  /// Source: Lemire, "Fast Random Integer Generation in an Interval" (2019), algorithm 5.
  private static func draw(below bound: UInt64, from stream: inout RandomStream) -> UInt64 {
    var product = stream.next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = stream.next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }
}
