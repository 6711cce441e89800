import Foundation
import Testing

@testable import LatentTraining

@Suite struct RunningLogSumExpTests {
  static let cases: [(numbers: [Double], sum: Double)] = [
    ([], -.infinity), ([-.infinity], -.infinity), ([-.infinity, -.infinity], -.infinity), ([-.infinity, 2], 2),
    ([2, -.infinity], 2), ([-.infinity, 1, 1, -.infinity], 1.6931471805599454),
    ([-1000, -1000, -1001], -999.1380051959418), ([.infinity, 1, .infinity], .infinity),
    ([1000, 0, 1000], 1000.6931471805599),
  ]

  @Test(arguments: Self.cases) func sumsAreThoseOfAllNumbers(_ numbers: [Double], _ expected: Double) {
    var sum = RunningLogSumExp()
    for number in numbers { sum.add(number) }
    #expect(sum.value == expected || abs(sum.value - expected) < 1e-9)
  }

  @Test func whatIsNoNumberIsNotPassedOver() {
    var sum = RunningLogSumExp()
    for number in [1, .nan, 2] { sum.add(number) }
    #expect(sum.value.isNaN)
  }
}
