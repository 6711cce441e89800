import CLatentKernels
import Foundation
import Testing

@Suite("Attention in blocks", .serialized)
struct AttentionTests {
  /// Sizes around those of vectors and blocks, of features that fill vectors and that do not.
  static let cases: [AttentionCase] = {
    var cases: [AttentionCase] = []
    for queries in [1, 2, 5, 16, 17, 64, 65, 130] {
      for keys in [1, 7, 16, 64, 65, 196] {
        for features in [1, 3, 16, 24, 64, 72] {
          let place = cases.count
          let heads = 1 + place % 4
          cases.append(
            AttentionCase(
              batches: 1 + place % 2, queryHeads: heads, keyHeads: heads % 2 == 0 ? heads / 2 : heads, queries: queries,
              keys: keys, features: features, isCausal: (place / 2) % 2 == 0, isMasked: place % 5 == 0,
              threads: 1 + place % 3))
        }
      }
    }
    for length in [1, 4, 196] {
      cases.append(
        AttentionCase(
          batches: 3, queryHeads: 4, keyHeads: 4, queries: length, keys: length, features: 24, isCausal: true,
          isPacked: true, threads: 2))
    }
    return cases
  }()

  @Test("Output and gradients are those of the definition", arguments: cases)
  func isAsDefined(_ c: AttentionCase) {
    var numbers = AttentionNumbers(c)
    numbers.run(c)
    let expected = AttentionReference(c, numbers)
    #expect(distance(numbers.output, expected.output) < 4e-6)
    #expect(distance(numbers.logSumExp, expected.logSumExp) < 4e-6)
    #expect(distance(numbers.queryGradient, expected.queryGradient) < 4e-5)
    #expect(distance(numbers.keyGradient, expected.keyGradient) < 4e-5)
    #expect(distance(numbers.valueGradient, expected.valueGradient) < 4e-5)
  }

  @Test("Scores far apart neither overflow nor vanish", arguments: [1, 20])
  func extremeScores(_ queries: Int) {
    let c = AttentionCase(queries: queries, keys: 90, features: 16)
    var numbers = AttentionNumbers(c)
    numbers.query = numbers.query.map { $0 * 300 }
    numbers.run(c)
    let expected = AttentionReference(c, numbers).output
    #expect(distance(numbers.output, expected) < 2e-3)
    #expect(numbers.queryGradient.allSatisfy(\.isFinite) && numbers.keyGradient.allSatisfy(\.isFinite))
  }

  @Test("Queries that see no key give zeros, and gradients of zeros", arguments: [1, 3, 40])
  func nothingToSee(_ queries: Int) {
    // The first queries precede all keys.
    let c = AttentionCase(queries: queries + 30, keys: 30, features: 24, isCausal: true)
    var numbers = AttentionNumbers(c)
    numbers.run(c)
    let blind = (0..<queries).flatMap { i in (0..<c.features).map { c.row(1, i, 1) + $0 } }
    #expect(blind.allSatisfy { numbers.output[$0] == 0 && numbers.queryGradient[$0] == 0 })
    #expect(numbers.logSumExp.prefix(queries).allSatisfy { $0 == -.infinity })
  }

  @Test("Not-a-number in one key reaches every query that sees it, and no other")
  func notANumber() {
    let c = AttentionCase(batches: 1, queryHeads: 1, keyHeads: 1, queries: 70, keys: 70, features: 16, isCausal: true)
    var numbers = AttentionNumbers(c)
    numbers.key[c.key(0, 66, 0, part: 1)] = .nan
    numbers.run(c)
    let isLost = (0..<70).map { numbers.output[c.row(0, $0, 0)].isNaN }
    #expect(isLost == (0..<70).map { $0 >= 66 })
  }

  @Test("A run gives the same bits every time, and others that are no worse on other numbers of threads")
  func isReproducible() {
    var c = AttentionCase(batches: 1, queryHeads: 3, keyHeads: 3, queries: 196, keys: 196, features: 24, isCausal: true)
    var runs: [AttentionNumbers] = []
    for threads in [1, 2, 2, 3] {
      c.threads = threads
      var numbers = AttentionNumbers(c)
      numbers.run(c)
      runs.append(numbers)
    }
    #expect(runs[1].queryGradient == runs[2].queryGradient && runs[1].keyGradient == runs[2].keyGradient)
    #expect(runs[1].output == runs[2].output && runs[1].logSumExp == runs[2].logSumExp)
    #expect(distance(runs[3].output, runs[0].output.map(Double.init)) < 1e-6)
    #expect(distance(runs[3].queryGradient, runs[0].queryGradient.map(Double.init)) < 2e-6)
  }

  /// The largest difference, in parts of one and of the expected number; infinite if one of them is not a number.
  private func distance(_ values: [Float], _ expected: [Double]) -> Double {
    zip(values, expected).reduce(0) { worst, pair in
      if Double(pair.0) == pair.1 { return worst }
      let difference = abs(Double(pair.0) - pair.1) / (1 + abs(pair.1))
      return difference.isNaN ? .infinity : max(worst, difference)
    }
  }
}
