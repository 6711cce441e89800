import LatentDiagnostics
import Foundation
import TestSupport
import Testing

/// Every way to cut a file short, and one flipped bit in every byte.
func damagedVersions(of bytes: [UInt8]) -> [[UInt8]] {
  let cuts = bytes.indices.map { Array(bytes[..<$0]) }
  let flips = bytes.indices.map { index in
    var copy = bytes
    copy[index] ^= UInt8(1) << UInt8(index % 8)
    return copy
  }
  return cuts + flips
}

/// A reader must refuse what is cut short, and take or refuse flipped bits, with an error that names the file; it must never
/// crash. Where the format has checksums, what it takes must be what was written.
func expectSoundRefusals<Contents: Equatable>(
  of bytes: [UInt8], as name: String, hasChecksums: Bool = false, reading: (String) throws -> Contents
) throws {
  let folder = try TemporaryFolder()
  let whole = try reading(folder.write(bytes, as: name))
  for (index, damaged) in damagedVersions(of: bytes).enumerated() {
    let path = try folder.write(damaged, as: name)
    do {
      let contents = try reading(path)
      #expect(index >= bytes.count, "a file cut to \(damaged.count) bytes was taken as whole")
      if hasChecksums { #expect(contents == whole, "bit flipped in byte \(index - bytes.count)") }
    } catch let error as LatentError {
      #expect(error.problem.contains(path))
      #expect(!error.remedy.isEmpty)
    }
  }
}
