import LatentDiagnostics
import Foundation
import Testing

@testable import LatentFileFormats

@Suite struct GzipTests {
  private let text = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })

  @Test func decompressingUndoesCompressing() throws {
    for data in [Data(), Data([7]), text] {
      #expect(try Gzip.decompress(Gzip.compress(data), limit: data.count) == data)
    }
  }

  @Test func theSameDataGivesTheSameBytes() throws {
    #expect(try Gzip.compress(text) == Gzip.compress(text))
  }

  @Test func membersFollowOneAnother() throws {
    let two = try Gzip.compress(Data([1, 2])) + Gzip.compress(Data([3])) + Data(count: 5)
    #expect(try Gzip.decompress(two, limit: 3) == Data([1, 2, 3]))
  }

  @Test func moreThanTheLimitIsRefused() throws {
    let bomb = try Gzip.compress(Data(count: 1 << 22))
    #expect(throws: LatentError.self) { try Gzip.decompress(bomb, limit: (1 << 22) - 1) }
  }

  @Test(arguments: [
    ("truncated", "cut short"), ("checksum", "damaged"), ("garbage", "after the end"), ("plain", "not gzip"),
  ])
  func damageIsSaid(kind: String, phrase: String) throws {
    var data = try Gzip.compress(text)
    switch kind {
    case "truncated": data = data.dropLast(9)
    case "checksum": data[data.count - 8] ^= 1
    case "garbage": data.append(contentsOf: [1, 2, 3])
    default: data = Data([1, 2, 3])
    }
    let error = #expect(throws: LatentError.self) { try Gzip.decompress(data, limit: text.count, name: "digits.gz") }
    #expect(error?.problem.hasPrefix("digits.gz") == true)
    #expect(error?.problem.contains(phrase) == true)
  }
}
