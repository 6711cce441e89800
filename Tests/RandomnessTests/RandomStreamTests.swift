import LatentRandomness
import Testing

@Suite struct RandomStreamTests {
  /// Known answers of the Random123 library for Philox 4x32-10.
  @Test func philoxGivesTheKnownAnswers() {
    #expect(
      Philox4x32(seed: 0).block(SIMD4(repeating: 0))
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox4x32(seed: .max).block(SIMD4(repeating: .max))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
  }

  @Test func aStreamIsItsBlocksInOrder() {
    var stream = RandomStream(seed: 9, stream: 5, step: 3)
    let words = (0..<8).map { _ in stream.nextWord() }
    let generator = Philox4x32(seed: 9)
    let blocks = [generator.block(0, stream: 5, step: 3), generator.block(1, stream: 5, step: 3)]
    #expect(words == blocks.flatMap { block in (0..<4).map { block[$0] } })
  }

  @Test func uniformsLieInTheirIntervalAndUseTheUpperBits() {
    #expect(uniform(fromBits: 0) == 0)
    #expect(uniform(fromBits: .max) < 1)
    #expect(uniform(fromBits: 0x8000_0000) == 0.5)
  }

  @Test func differentNamesAreDifferentStreams() {
    var (first, second) = (RandomStream(seed: 1, name: "a"), RandomStream(seed: 1, name: "b"))
    #expect(first.next() != second.next())
  }
}
