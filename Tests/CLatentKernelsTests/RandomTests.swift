import CLatentKernels
import Foundation
import LatentRandomness
import Testing

@Suite("Random numbers")
struct RandomTests {
  /// A range that crosses blocks and chunks raggedly.
  static let ranges = [(0, 0), (0, 1), (1, 2), (3, 5), (0, 64), (0, 1024), (5, 59), (61, 67), (1021, 333), (130, 1024)]

  static func bits(seed: UInt64, stream: UInt32, step: UInt64, first: Int, count: Int) -> [UInt32] {
    var result = [Int32](repeating: 7, count: count + 1)
    latent_philox_bits(seed, stream, step, first, count, &result)
    #expect(result[count] == 7)
    return result[..<count].map(UInt32.init(bitPattern:))
  }

  static func floats(
    _ draw: (UInt64, UInt32, UInt64, Int, Int, UnsafeMutablePointer<Float>?) -> Void, seed: UInt64 = 42,
    first: Int = 0, count: Int
  ) -> [Float] {
    var result = [Float](repeating: 7, count: count + 1)
    draw(seed, 3, 9, first, count, &result)
    #expect(result[count] == 7)
    return Array(result[..<count])
  }

  @Test("The generator gives Random123's known answers")
  func knownAnswers() {
    // kat_vectors of the Random123 library, philox4x32 with 10 rounds.
    #expect(
      Self.bits(seed: 0, stream: 0, step: 0, first: 0, count: 4)
        == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
    #expect(
      Self.bits(seed: .max, stream: .max, step: .max, first: 4 * 0xFFFF_FFFF, count: 4)
        == [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD])
    #expect(
      Self.bits(
        seed: 0x299F_31D0_A409_3822, stream: 0x85A3_08D3, step: 0x0370_7344_1319_8A2E, first: 4 * 0x243F_6A88, count: 4)
        == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
  }

  @Test("Words are those of Philox4x32, element for element")
  func wordsMatch() {
    let seed: UInt64 = 0x0123_4567_89AB_CDEF
    let step: UInt64 = 0xFEDC_BA98_7654_3210
    let generator = Philox4x32(seed: seed)
    for (first, count) in Self.ranges {
      let words = Self.bits(seed: seed, stream: 77, step: step, first: first, count: count)
      let expected = (first..<first + count).map {
        generator.block(UInt32($0 / 4), stream: 77, step: step)[$0 % 4]
      }
      #expect(words == expected)
    }
  }

  @Test("The block number wraps around after 2^32 blocks")
  func wrapping() {
    let words = Self.bits(seed: 1, stream: 2, step: 3, first: (1 << 34) - 8, count: 100)
    #expect(words[8...].elementsEqual(Self.bits(seed: 1, stream: 2, step: 3, first: 0, count: 92)))
  }

  @Test("Uniform numbers are exactly those made from the words")
  func uniformMatches() {
    let words = Self.bits(seed: 42, stream: 3, step: 9, first: 0, count: 2000)
    for (first, count) in Self.ranges {
      let uniforms = Self.floats(latent_philox_uniform, first: first, count: count)
      #expect(uniforms.elementsEqual(words[first..<first + count].map { Float(uniform(fromBits: $0)) }))
    }
  }

  @Test("Normal numbers are those of Philox4x32 to float precision")
  func normalMatches() {
    let generator = Philox4x32(seed: 42)
    let normals = Self.floats(latent_philox_normal, count: 40_000)
    var worst = 0.0
    for i in normals.indices {
      let truth = generator.normals(UInt32(i / 4), stream: 3, step: 9)[i % 4]
      worst = max(worst, abs(Double(normals[i]) - truth) / max(abs(truth), 0.1))
    }
    #expect(worst < 2e-6)
  }

  @Test("A range drawn in parts is the range drawn whole, to the bit")
  func partsAreTheWhole() {
    let whole = Self.floats(latent_philox_normal, count: 2000)
    for (first, count) in Self.ranges {
      let part = Self.floats(latent_philox_normal, first: first, count: count)
      #expect(part.elementsEqual(whole[first..<first + count]) { $0.bitPattern == $1.bitPattern })
    }
    let single = (0..<300).flatMap { Self.floats(latent_philox_normal, first: $0, count: 1) }
    #expect(single.elementsEqual(whole[..<300]) { $0.bitPattern == $1.bitPattern })
  }

  @Test("Normal numbers have the normal distribution's moments and pass Kolmogorov and Smirnov's test")
  func normalDistribution() {
    let count = 200_000
    let sample = Self.floats(latent_philox_normal, seed: 2024, count: count).map(Double.init).sorted()
    let n = Double(count)
    let mean = sample.reduce(0, +) / n
    let variance = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let kurtosis = sample.reduce(0) { $0 + pow($1 - mean, 4) } / n / (variance * variance)
    // Four standard errors.
    #expect(abs(mean) < 4 / n.squareRoot())
    #expect(abs(variance - 1) < 4 * (2 / n).squareRoot())
    #expect(abs(kurtosis - 3) < 4 * (24 / n).squareRoot())
    var distance = 0.0
    for (i, x) in sample.enumerated() {
      let probability = 0.5 * erfc(-x / 2.0.squareRoot())
      distance = max(distance, probability - Double(i) / n, Double(i + 1) / n - probability)
    }
    // The 1% critical value.
    #expect(distance * n.squareRoot() < 1.63)
  }

  @Test("Uniform numbers fill [0, 1) evenly")
  func uniformDistribution() {
    let count = 200_000
    var cells = [Int](repeating: 0, count: 100)
    for x in Self.floats(latent_philox_uniform, seed: 2024, count: count) {
      #expect(x >= 0 && x < 1)
      cells[Int(x * 100)] += 1
    }
    let expected = Double(count) / 100
    let chiSquared = cells.reduce(0.0) { $0 + pow(Double($1) - expected, 2) / expected }
    // 99 degrees of freedom: the 0.1% and 99.9% points.
    #expect(chiSquared > 61.1 && chiSquared < 148.2)
  }
}
