import LatentDiagnostics
import Foundation
import Testing

@testable import LatentDatasets

@Suite struct ExamplesTests {
  private func values(_ examples: Examples) throws -> [Float] {
    var result = [Float](repeating: .nan, count: examples.count * examples.dimensions)
    try result.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    return result
  }

  private func ramp(_ count: Int, dimensions: Int = 3) throws -> Examples {
    try Examples(
      floats: (0..<count * dimensions).map { Float($0) }, shape: [dimensions], labels: (0..<count).map { Int32($0) })
  }

  @Test func bytesBecomeGreyLevelsFromZeroToOne() throws {
    let examples = try Examples(bytes: [0, 51, 102, 255], shape: [2, 1, 1])
    #expect(try values(examples) == [0, 0.2, 0.4, 1])
    #expect(examples.count == 2)
    #expect(examples.range == 0...1)
    #expect(!examples.isBinary)
  }

  @Test func copyingTakesTheExamplesInTheOrderAsked() throws {
    let examples = try ramp(4, dimensions: 2)
    var result = [Float](repeating: -1, count: 7)
    try result.withUnsafeMutableBufferPointer { try examples.copy([3, 0, 3], into: $0) }
    #expect(result == [6, 7, 0, 1, 6, 7, -1])
    try result.withUnsafeMutableBufferPointer { try examples.copyRange(1..<3, into: $0) }
    #expect(result == [2, 3, 4, 5, 6, 7, -1])
  }

  @Test func largeBatchesHoldEveryQuotientExactly() throws {
    let bytes = (0..<(300 * 257)).map { UInt8($0 % 256) }
    let examples = try Examples(bytes: bytes, shape: [257])
    let order = (0..<300).reversed().map { $0 }
    var result = [Float](repeating: -1, count: bytes.count)
    try result.withUnsafeMutableBufferPointer { try examples.copy(order, into: $0) }
    let expected = order.flatMap { row in bytes[(row * 257)..<((row + 1) * 257)].map { Float($0) / 255 } }
    #expect(result == expected)
    #expect(try values(examples) == bytes.map { Float($0) / 255 })
  }

  @Test func binaryDataIsRecognised() throws {
    #expect(try Examples(bytes: [0, 255], shape: [2]).isBinary)
    #expect(try Examples(bytes: [0, 1], shape: [2], divisor: 1).isBinary)
    #expect(try !Examples(bytes: [0, 1], shape: [2]).isBinary)
    #expect(try Examples(floats: [0, 1, -0.0], shape: [1]).isBinary)
    #expect(try !Examples(floats: [0, 1, 0.5], shape: [1]).isBinary)
    #expect(try Examples(floats: [3, -2, 0.5], shape: [1]).range == -2...3)
  }

  @Test func unsoundDataIsRefusedByItsName() throws {
    let attempts: [(String, () throws -> Examples)] = [
      ("no examples", { try Examples(bytes: [], shape: [2], source: "x.npy") }),
      ("not whole examples", { try Examples(bytes: [1, 2, 3], shape: [2], source: "x.npy") }),
      ("hold no values", { try Examples(bytes: [1], shape: [0], source: "x.npy") }),
      ("hold no values", { try Examples(bytes: [1], shape: [], source: "x.npy") }),
      ("hold no values", { try Examples(bytes: [1], shape: [.max, .max], source: "x.npy") }),
      ("2 examples but 1 labels", { try Examples(bytes: [1, 2], shape: [1], labels: [0], source: "x.npy") }),
      ("negative labels", { try Examples(bytes: [1], shape: [1], labels: [-1], source: "x.npy") }),
      ("in example 1", { try Examples(floats: [1, 2, .nan, 3], shape: [2], source: "x.npy") }),
      ("in example 0", { try Examples(floats: [1, -.infinity], shape: [2], source: "x.npy") }),
    ]
    for (phrase, attempt) in attempts {
      let error = #expect(throws: LatentError.self) { try attempt() }
      #expect(error?.problem.hasPrefix("x.npy") == true)
      #expect(error?.problem.contains(phrase) == true, "\(String(describing: error))")
    }
  }

  @Test func partsKeepValuesAndLabelsTogether() throws {
    let examples = try ramp(10)
    #expect(try values(examples.prefix(2)) == [0, 1, 2, 3, 4, 5])
    #expect(examples.suffix(2).labels == [8, 9])
    #expect(try values(examples.suffix(1)) == [27, 28, 29])
    #expect(examples.prefix(99).count == 10)
    #expect(examples.prefix(0).count == 1)
  }

  @Test func aSplitIsADisjointCoverChosenByTheSeed() throws {
    let examples = try ramp(50)
    let (train, validation) = try examples.split(validation: 20, seed: 3)
    #expect((train.count, validation.count) == (30, 20))
    let labels = try #require(train.labels) + #require(validation.labels)
    #expect(Set(labels).count == 50)
    #expect(try values(validation)[0] == Float(validation.labels?.first ?? -1) * 3)
    #expect(try examples.split(validation: 20, seed: 3).validation.labels == validation.labels)
    #expect(try examples.split(validation: 20, seed: 4).validation.labels != validation.labels)
    for count in [0, -1, 50, 51] {
      #expect(throws: LatentError.self) { try examples.split(validation: count, seed: 0) }
    }
  }

  @Test func fingerprintsTellDataApart() throws {
    let one = try Examples(bytes: [0, 1, 2, 3], shape: [2])
    #expect(one.fingerprint == (try Examples(bytes: [0, 1, 2, 3], shape: [2])).fingerprint)
    let others = [
      try Examples(bytes: [0, 1, 2, 4], shape: [2]), try Examples(bytes: [0, 1, 2, 3], shape: [4]),
      try Examples(bytes: [0, 1, 2, 3], shape: [2], divisor: 1), try Examples(floats: [0, 1, 2, 3], shape: [2]),
    ]
    #expect(Set((others + [one]).map(\.fingerprint)).count == 5)
    #expect(one.fingerprint.count == 64)
  }

  @Test func theMeanIsTakenPerDimension() throws {
    #expect(try Examples(floats: [1, 10, 3, 30], shape: [2]).mean() == [2, 20])
  }

  @Test func binarizationDrawsEachValueWithItsOwnProbability() throws {
    let row: [UInt8] = [0, 255, 51, 128, 230]
    let grey = try Examples(
      bytes: (0..<4000).flatMap { _ in row }, shape: [5], labels: Array(repeating: 1, count: 4000))
    let binary = grey.binarized(seed: 7)
    #expect(binary.isBinary)
    #expect(binary.labels == grey.labels)
    for (mean, byte) in try zip(binary.mean(), row) {
      let probability = Float(byte) / 255
      // Five standard deviations.
      #expect(abs(mean - probability) <= 5 * (probability * (1 - probability) / 4000).squareRoot())
    }
    #expect(binary.fingerprint == grey.binarized(seed: 7).fingerprint)
    #expect(binary.fingerprint != grey.binarized(seed: 8).fingerprint)
    // An example does not depend on those after it.
    #expect(binary.prefix(10).fingerprint == grey.prefix(10).binarized(seed: 7).fingerprint)
  }

  @Test func dequantisedLevelsStayInTheirBins() throws {
    let bytes = (0..<2560).map { UInt8($0 % 256) }
    let examples = try Examples(bytes: bytes, shape: [16])
    let once = examples.dequantized(seed: 3)
    var values = [Float](repeating: 0, count: 2560)
    try values.withUnsafeMutableBufferPointer { try once.copyRange(0..<160, into: $0) }
    for (value, byte) in zip(values, bytes) { #expect(UInt8((value * 256).rounded(.down)) == byte) }
    // Spread evenly within the bins.
    let places = zip(values, bytes).map { Double($0 * 256) - Double($1) }
    #expect(abs(places.reduce(0, +) / 2560 - 0.5) < 0.03)
    #expect(places.filter { $0 < 0.25 }.count > 540 && places.filter { $0 > 0.75 }.count > 540)
    #expect(once.fingerprint == examples.dequantized(seed: 3).fingerprint)
    #expect(once.fingerprint != examples.dequantized(seed: 4).fingerprint)
    #expect(examples.isGreyLevels && !once.isGreyLevels)
  }
}
