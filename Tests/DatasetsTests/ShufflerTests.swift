import Testing

@testable import LatentDatasets

@Suite struct ShufflerTests {
  @Test(arguments: [0, 1, 2, 17, 1000]) func everyIndexComesOnce(count: Int) {
    #expect(Shuffler.permutation(count: count, seed: 5, epoch: 2).sorted() == Array(0..<count))
  }

  @Test func theOrderDependsOnSeedAndEpochAlone() {
    let order = Shuffler.permutation(count: 100, seed: 1, epoch: 0)
    #expect(order == Shuffler.permutation(count: 100, seed: 1, epoch: 0))
    #expect(order != Shuffler.permutation(count: 100, seed: 1, epoch: 1))
    #expect(order != Shuffler.permutation(count: 100, seed: 2, epoch: 0))
    #expect(order != Array(0..<100))
  }

  @Test func allOrdersAreEquallyLikely() {
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<6000 { counts[Shuffler.permutation(count: 3, seed: 9, epoch: epoch), default: 0] += 1 }
    #expect(counts.count == 6)
    // Chi-squared with 5 degrees of freedom is above 20.5 once in a thousand.
    let statistic = counts.values.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
    #expect(statistic < 20.5)
  }
}
