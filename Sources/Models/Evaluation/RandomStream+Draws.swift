import Foundation
import LatentRandomness

extension RandomStream {
  /// A number below a bound that is at least 1, all equally likely up to a bias of the bound over 2^64.
  mutating func nextIndex(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Two independent standard normal numbers, by the Box-Muller transform.
  mutating func nextNormals() -> (Double, Double) {
    // One minus a number in [0, 1) has a finite logarithm.
    let radius = (-2 * log(1 - nextUniform())).squareRoot()
    let angle = 2 * Double.pi * nextUniform()
    return (radius * cos(angle), radius * sin(angle))
  }

  /// Independent standard normal numbers.
  mutating func nextNormals(_ count: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(count + 1)
    while result.count < count {
      let (first, second) = nextNormals()
      result.append(first)
      result.append(second)
    }
    return Array(result.prefix(count))
  }

  /// Different numbers below a bound in random order, each set equally likely.
  mutating func nextSubset(_ count: Int, below bound: Int) -> [Int] {
    var order = Array(0..<bound)
    for place in 0..<min(count, bound) { order.swapAt(place, place + nextIndex(below: bound - place)) }
    return Array(order.prefix(count))
  }
}
