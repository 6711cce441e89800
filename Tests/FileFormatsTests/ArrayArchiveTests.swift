import Foundation
import LatentDiagnostics
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct ArrayArchiveTests {
  private let script = """
    import numpy as np
    x = np.arange(24).reshape(2, 3, 4)
    np.savez("stored.npz", x=x.astype("uint8"), y=np.asfortranarray(x).astype(">i2"))
    np.savez_compressed("packed.npz", x=x.astype("float64"), z=(x > 3))
    """

  @Test(.enabled(if: Python.hasNumPy, "NumPy is not installed")) func archivesOfNumPyAreRead() throws {
    let folder = try TemporaryFolder()
    #expect(try Python.run(script, in: folder.path) == 0)
    let numbers = (0..<24).map(Float.init)
    for (name, arrays) in [("stored.npz", ["x", "y"]), ("packed.npz", ["x", "z"])] {
      let archive = try #require(try ArrayArchive(path: folder.file(name)))
      #expect(archive.names.sorted() == arrays)
      let array = try archive.read("x")
      #expect(array.shape == [2, 3, 4] && array.floats() == numbers)
      #expect(try archive.stored("x")?.shape == nil, "zip archives are read whole")
    }
    #expect(try ArrayArchive(path: folder.file("stored.npz"))?.read("y").floats() == numbers)
    #expect(try ArrayArchive(path: folder.file("packed.npz"))?.read("z").type == .bool)
    let error = #expect(throws: LatentError.self) { try ArrayArchive(path: folder.file("stored.npz"))?.read("w") }
    #expect(error?.remedy == "It holds x, y")
  }

  @Test(.enabled(if: Python.hasNumPy, "NumPy is not installed")) func damagedArchivesAreRefused() throws {
    let folder = try TemporaryFolder()
    #expect(try Python.run(script, in: folder.path) == 0)
    for name in ["stored.npz", "packed.npz"] {
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
      var seen: Set<String> = []
      for place in 0..<whole.count {
        var bytes = whole
        bytes[place] ^= 0x55
        let path = try folder.write(bytes, as: "bad.npz")
        do {
          guard let archive = try ArrayArchive(path: path) else { continue }
          // What is not found damaged holds what it held: dates and the like are not looked at.
          for array in archive.names where ["x", "y", "z"].contains(array) {
            let expected = array == "z" ? (0..<24).map { $0 > 3 ? Float(1) : 0 } : (0..<24).map(Float.init)
            #expect(try archive.read(array).floats() == expected, "byte \(place) of \(name)")
          }
        } catch let error as LatentError {
          seen.insert(String(error.problem.prefix(60)))
        }
      }
      for count in stride(from: 0, to: whole.count, by: 7) {
        let path = try folder.write(whole.prefix(count), as: "short.npz")
        #expect(throws: LatentError.self) {
          guard let archive = try ArrayArchive(path: path) else {
            throw LatentError.failure("too short to be told", remedy: "")
          }
          _ = archive
        }
      }
      #expect(seen.count > 2)
    }
  }

  @Test func rowsAreReadWhereTheyLie() throws {
    let folder = try TemporaryFolder()
    let values = (0..<30).map(Float.init)
    let array = NumericArray(floats: values, shape: [10, 3])
    try NPY.write(array, to: folder.file("a.npy"), overwrite: false)
    try NPY.write(
      NumericArray(floats: values.map { $0 + 30 }, shape: [10, 3]), to: folder.file("b.npy"), overwrite: false)
    let stored = try #require(try StoredArray(npy: [folder.file("a.npy"), folder.file("b.npy")]))
    #expect(stored.shape == [20, 3] && stored.byteCount == 240)
    var rows = [Float](repeating: 0, count: 15)
    try rows.withUnsafeMutableBufferPointer { try stored.read([9, 10, 2, 3, 19], into: $0) }
    #expect(rows == [27, 28, 29, 30, 31, 32, 6, 7, 8, 9, 10, 11, 57, 58, 59])
    let before = try stored.identity()
    // The bytes of a row, not the name of a file, make the difference.
    try NPY.write(
      NumericArray(floats: values.reversed(), shape: [10, 3]), to: folder.file("b.npy"), overwrite: true)
    #expect(try StoredArray(npy: [folder.file("a.npy"), folder.file("b.npy")])?.identity() != before)
    try NPY.write(NumericArray(floats: values, shape: [6, 5]), to: folder.file("b.npy"), overwrite: true)
    #expect(try StoredArray(npy: [folder.file("a.npy"), folder.file("b.npy")])?.shape == nil)
  }

  @Test func tensorsAreReadWhereTheyLie() throws {
    let folder = try TemporaryFolder()
    let array = NumericArray(floats: (0..<6).map(Float.init), shape: [3, 2])
    let file = Safetensors(tensors: [("other", array), ("train", array)])
    try AtomicFile.write(file.serialized(), to: folder.file("a.safetensors"), overwrite: false)
    let archive = try #require(try ArrayArchive(path: folder.file("a.safetensors")))
    #expect(try archive.read("train") == array)
    let stored = try #require(try archive.stored("train"))
    var row: [Float] = [0, 0]
    try row.withUnsafeMutableBufferPointer { try stored.read([1], into: $0) }
    #expect(row == [2, 3])
  }
}
