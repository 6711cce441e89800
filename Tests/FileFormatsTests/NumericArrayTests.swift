import LatentDiagnostics
import Foundation
import Testing

@testable import LatentFileFormats

@Suite struct NumericArrayTests {
  @Test func bytesMustBeThoseTheShapeTakes() throws {
    #expect(throws: LatentError.self) { try NumericArray(shape: [2, 2], type: .float32, bytes: Data(count: 15)) }
    #expect(throws: LatentError.self) { try NumericArray(shape: [-1], type: .uint8, bytes: Data(count: 1)) }
    #expect(throws: LatentError.self) {
      try NumericArray(shape: [1 << 32, 1 << 32], type: .uint8, bytes: Data(count: 0))
    }
    #expect(try NumericArray(shape: [], type: .int64, bytes: Data(count: 8)).count == 1)
    #expect(try NumericArray(shape: [Int.max, Int.max, 0], type: .int64, bytes: Data()).count == 0)
  }

  @Test func everyTypeConvertsToItsValue() throws {
    func floats(_ type: DataType, _ shape: [Int], _ bytes: [UInt8]) throws -> [Float] {
      // A slice that does not start at 0, as parsers hand over.
      try NumericArray(shape: shape, type: type, bytes: (Data([9]) + Data(bytes)).dropFirst()).floats()
    }
    #expect(try floats(.uint8, [3], [0, 1, 255]) == [0, 1, 255])
    #expect(try floats(.bool, [3], [0, 1, 255]) == [0, 1, 1])
    #expect(try floats(.int32, [2], [0xFF, 0xFF, 0xFF, 0xFF, 2, 1, 0, 0]) == [-1, 258])
    #expect(try floats(.int64, [1], [0xFE] + Array(repeating: 0xFF, count: 7)) == [-2])
    #expect(try floats(.float32, [1], [0, 0, 0x20, 0xC0]) == [-2.5])
    #expect(try floats(.float64, [1], [0, 0, 0, 0, 0, 0, 0x04, 0xC0]) == [-2.5])
    #expect(try floats(.bfloat16, [2], [0x20, 0xC0, 0x80, 0x3F]) == [-2.5, 1])
  }

  @Test func halfPrecisionWidensExactly() {
    let halves: [(UInt16, Float)] = [
      (0, 0), (0x3C00, 1), (0xC100, -2.5), (0x7BFF, 65504), (0x0001, 0x1p-24), (0x0400, 0x1p-14), (0x7C00, .infinity),
      (0xFC00, -.infinity),
    ]
    for (bits, value) in halves {
      let raw = Data([UInt8(bits >> 8), UInt8(bits & 0xFF)])
      let bytes = StoredElement.float16.decoded(raw, bigEndian: true)
      #expect(bytes.withUnsafeBytes { $0.loadUnaligned(as: Float.self) } == value)
    }
  }
}
