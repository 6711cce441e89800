import CLatentKernels
import Testing

/// Sums and orders along a dimension in every layout, against what Swift computes.
@Suite("Along a dimension")
struct OrderedTests {
  static let layouts: [(outer: Int, size: Int, inner: Int)] = [
    (1, 1, 1), (3, 7, 1), (1, 5, 40), (2, 300, 3), (4, 0, 2), (0, 3, 2), (1, 47, 2), (1, 48, 2), (1, 5000, 1),
  ]

  private func numbers(_ count: Int) -> [Float] {
    (0..<count).map { index in
      let bits = UInt32(truncatingIfNeeded: index &* 0x9E37_79B9)
      return index % 11 == 3 ? specialFloats[index % specialFloats.count] : Float(Int32(bitPattern: bits) >> 26)
    }
  }

  /// Where the elements of each line lie.
  private func lines(_ layout: (outer: Int, size: Int, inner: Int)) -> [[Int]] {
    (0..<layout.outer).flatMap { outer in
      (0..<layout.inner).map { inner in
        (0..<layout.size).map { (outer * layout.size + $0) * layout.inner + inner }
      }
    }
  }

  @Test("An argument sort is Swift's stable sort, not-a-number last", arguments: [false, true])
  func argumentSort(isDescending: Bool) {
    for layout in Self.layouts {
      let x = numbers(layout.outer * layout.size * layout.inner)
      var result = [Int32](repeating: -1, count: x.count)
      var scratch = [UInt64](repeating: 0, count: 2 * layout.size)
      latent_argument_sort_f32(x, &result, &scratch, layout.outer, layout.size, layout.inner, isDescending ? 1 : 0)
      for line in lines(layout) {
        let expected = line.indices.sorted { left, right in
          let (a, b) = (x[line[left]], x[line[right]])
          if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? left < right : b.isNaN }
          return a == b ? left < right : isDescending ? a > b : a < b
        }
        #expect(line.map { Int(result[$0]) } == expected)
      }
    }
  }

  @Test("Integers are sorted to the ends of their range", arguments: [false, true])
  func integers(isDescending: Bool) {
    let x = specialIntegers + specialIntegers.reversed() + [0, 0]
    var result = [Int32](repeating: -1, count: x.count)
    var scratch = [UInt64](repeating: 0, count: 2 * x.count)
    latent_argument_sort_i32(x, &result, &scratch, 1, x.count, 1, isDescending ? 1 : 0)
    let expected = x.indices.sorted { x[$0] == x[$1] ? $0 < $1 : isDescending ? x[$0] > x[$1] : x[$0] < x[$1] }
    #expect(result.map(Int.init) == expected)
  }

  @Test("A cumulative sum is rounded once", arguments: [false, true], [false, true])
  func cumulativeSum(isExclusive: Bool, isReversed: Bool) {
    for layout in Self.layouts {
      let count = layout.outer * layout.size * layout.inner
      let x = (0..<count).map { Float($0 % 1000) * 0.1 }
      var result = [Float](repeating: -1, count: count)
      latent_cumulative_sum_f32(
        x, &result, layout.outer, layout.size, layout.inner, isExclusive ? 1 : 0, isReversed ? 1 : 0)
      for line in lines(layout) {
        var sum = 0.0
        for place in isReversed ? line.reversed() : line {
          let next = sum + Double(x[place])
          #expect(result[place] == Float(isExclusive ? sum : next))
          sum = next
        }
      }
    }
  }
}
