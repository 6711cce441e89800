import LatentRandomness
import Testing

@testable import LatentStableHLO

struct LiteralTests {
  @Test(arguments: [
    (1.0, "1.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e-5, "1.0e-05"), (1e20, "1.0e+20"), (16_777_217, "16777216.0"),
    (1e300, "0x7F800000"), (.infinity, "0x7F800000"), (-.infinity, "0xFF800000"), (.nan, "0x7FC00000"),
  ])
  func float32IsWrittenAs(_ value: Double, _ text: String) { #expect(literal(value, .f32) == text) }

  @Test(arguments: [
    (0.1, "0.100097656"), (3.0, "3.0"), (.infinity, "0x7F80"), (-.infinity, "0xFF80"), (.nan, "0x7FC0"),
  ])
  func bfloat16IsWrittenAs(_ value: Double, _ text: String) { #expect(literal(value, .bf16) == text) }

  @Test(arguments: [
    (0.1, "0.1"), (0x1p-1040, "8.487983164e-314"), (.infinity, "0x7FF0000000000000"),
    (-.infinity, "0xFFF0000000000000"),
  ])
  func float64IsWrittenAs(_ value: Double, _ text: String) { #expect(literal(value, .f64) == text) }

  @Test(arguments: [(3.0, "3"), (-2.7, "-2"), (1e12, "2147483647"), (-1e12, "-2147483648"), (.nan, "0")])
  func int32IsWrittenAs(_ value: Double, _ text: String) { #expect(literal(value, .i32) == text) }

  @Test func boolIsWrittenAsAWord() {
    #expect(literal(0, .i1) == "false")
    #expect(literal(2, .i1) == "true")
  }

  @Test func everyFloat32ReadsBackExactlyByWayOfFloat64() {
    var stream = RandomStream(seed: 1, name: "literals")
    for _ in 0..<20_000 {
      let value = Float(bitPattern: stream.nextWord())
      let text = literal(Double(value), .f32)
      let isBits = text.hasPrefix("0x")
      let bits = UInt32(text.dropFirst(2), radix: 16)
      #expect((isBits ? bits.map { Float(bitPattern: $0) } : Double(text).map { Float($0) }) == value || value.isNaN)
      #expect(isBits || text.contains("."))
    }
  }
}
