import Diagnostics
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

/// A reader must take or refuse damaged bytes, with an error that names the file; it must never crash.
func expectSoundRefusals(of bytes: [UInt8], as name: String, reading: (String) throws -> Void) throws {
  let folder = try TemporaryFolder()
  for (index, damaged) in damagedVersions(of: bytes).enumerated() {
    let path = try folder.write(damaged, as: name)
    do {
      try reading(path)
      #expect(index >= bytes.count, "a file cut to \(damaged.count) bytes was taken as whole")
    } catch let error as LatentError {
      #expect(error.problem.contains(path))
      #expect(!error.remedy.isEmpty)
    }
  }
}
