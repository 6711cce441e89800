import LatentDiagnostics
import Foundation
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct IDXTests {
  private func big(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }

  private var small: [UInt8] { [0, 0, 8, 2] + big(2) + big(3) + [1, 2, 3, 4, 5, 6] }

  @Test func plainAndGzipGiveTheSameArrayWhateverTheName() throws {
    let folder = try TemporaryFolder()
    let plain = try IDX.read(contentsOf: folder.write(small, as: "a.gz"))
    let packed = try IDX.read(contentsOf: folder.write(Gzip.compress(Data(small)), as: "b"))
    #expect(plain == packed)
    #expect(plain.shape == [2, 3])
    #expect(plain.floats() == [1, 2, 3, 4, 5, 6])
  }

  @Test func bigEndianTypesAreConverted() throws {
    let folder = try TemporaryFolder()
    let cases: [(UInt8, [UInt8], DataType, Float)] = [
      (0x09, [0xFE], .int32, -2), (0x0B, [0xFF, 0x00], .int32, -256), (0x0C, [0, 0, 1, 2], .int32, 258),
      (0x0D, [0xC0, 0x20, 0, 0], .float32, -2.5), (0x0E, [0xC0, 4, 0, 0, 0, 0, 0, 0], .float64, -2.5),
    ]
    for (code, bytes, type, value) in cases {
      let array = try IDX.read(contentsOf: folder.write([0, 0, code, 1] + big(1) + bytes, as: "x"))
      #expect(array.type == type)
      #expect(array.floats() == [value])
    }
  }

  @Test func liesOfTheHeaderAreRefused() throws {
    let folder = try TemporaryFolder()
    let lies: [(String, [UInt8], String)] = [
      ("empty", [], "is empty"),
      ("text", Array("hello".utf8), "not an IDX file"),
      ("unknown type", [0, 0, 7, 1] + big(1) + [0], "unknown type code 7"),
      ("no sizes", [0, 0, 8, 3, 0, 0], "within its header"),
      ("too few bytes", [0, 0, 8, 1] + big(5) + [1, 2], "cut short"),
      ("too many bytes", [0, 0, 8, 1] + big(1) + [1, 2], "more than"),
      ("huge", [0, 0, 8, 2] + big(.max) + big(0x7FFF_FFFF) + [1, 2], "cut short"),
      ("overflow", [0, 0, 14, 3] + big(.max) + big(.max) + big(.max) + [1], "impossible shape"),
    ]
    for (name, bytes, phrase) in lies {
      for data in [Data(bytes), try Gzip.compress(Data(bytes))] {
        let path = try folder.write(data, as: name)
        let error = #expect(throws: LatentError.self) { try IDX.read(contentsOf: path) }
        #expect(error?.problem.contains(phrase) == true, "\(name): \(String(describing: error))")
        #expect(error?.problem.contains(path) == true)
      }
    }
  }

  @Test func aFileThatIsMissingOrAFolderIsNamed() throws {
    let folder = try TemporaryFolder()
    let missing = #expect(throws: LatentError.self) { try IDX.read(contentsOf: folder.file("none")) }
    #expect(missing?.problem == "There is no file \(folder.file("none"))")
    let directory = #expect(throws: LatentError.self) { try IDX.read(contentsOf: folder.path) }
    #expect(directory?.problem == "\(folder.path) is a folder, not a file")
  }

  @Test func damagedFilesAreRefused() throws {
    try expectSoundRefusals(of: small, as: "plain") { try IDX.read(contentsOf: $0) }
    try expectSoundRefusals(of: Array(Gzip.compress(Data(small))), as: "packed", hasChecksums: true) {
      try IDX.read(contentsOf: $0)
    }
  }
}
