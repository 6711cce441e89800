import LatentDiagnostics
import Foundation
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct NPYTests {
  private func file(_ header: String, _ body: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let count = header.utf8.count
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + body
  }

  @Test func writingThenReadingGivesTheSameArray() throws {
    let folder = try TemporaryFolder()
    for type in DataType.allCases where type != .bfloat16 {
      for shape in [[], [0], [3], [2, 3], [1, 2, 1, 2]] {
        let bytes = Data((0..<shape.reduce(1, *) * type.byteCount).map { UInt8($0 % 251) })
        let array = try NumericArray(shape: shape, type: type, bytes: bytes)
        try NPY.write(array, to: folder.file("a.npy"), overwrite: true)
        #expect(try NPY.read(contentsOf: folder.file("a.npy")) == array)
        #expect((NPY.encode(array).count - bytes.count) % 64 == 0)
      }
    }
  }

  @Test func bfloat16IsWrittenAsFloat32() throws {
    let folder = try TemporaryFolder()
    let array = try NumericArray(shape: [1], type: .bfloat16, bytes: Data([0x20, 0xC0]))
    try NPY.write(array, to: folder.file("a.npy"), overwrite: false)
    let back = try NPY.read(contentsOf: folder.file("a.npy"))
    #expect(back.type == .float32)
    #expect(back.floats() == [-2.5])
  }

  @Test func fortranOrderBecomesRowMajor() throws {
    let folder = try TemporaryFolder()
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n"
    let array = try NPY.read(contentsOf: folder.write(file(header, [1, 4, 2, 5, 3, 6]), as: "f.npy"))
    #expect(array.floats() == [1, 2, 3, 4, 5, 6])
  }

  @Test(arguments: [
    "{'descr': '>i2', 'fortran_order': False, 'shape': (1,), }",
    "{\"shape\":(1L,),\"fortran_order\":False,\"descr\":\">i2\"}   \n",
  ])
  func headersAreReadInAnyOrderAndQuoting(header: String) throws {
    let folder = try TemporaryFolder()
    for version in 1...3 {
      let path = try folder.write(file(header, [0xFF, 0x00], version: UInt8(version)), as: "v.npy")
      #expect(try NPY.read(contentsOf: path).floats() == [-256])
    }
  }

  @Test(arguments: [
    ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "type <c8"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "records"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "takes 8 bytes but 4"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "not made of numbers"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "not made of numbers"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }", "impossible"),
    ("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "neither True nor False"),
    ("{'descr': '<f4', 'shape': (1,), }", "lacks the type, the order, or the shape"),
    ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "unknown or repeated"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", "after the closing brace"),
    ("{'descr': '<f4", "no end"), ("", "lacks a \"{\""), ("{", "quoted text"),
  ])
  func malformedHeadersAreRefused(header: String, phrase: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(file(header, [0, 0, 0, 0]), as: "bad.npy")
    let error = #expect(throws: LatentError.self) { try NPY.read(contentsOf: path) }
    #expect(error?.problem.contains(phrase) == true, "\(String(describing: error))")
    #expect(error?.problem.contains(path) == true)
  }

  @Test func damagedFilesAreRefused() throws {
    let array = NumericArray(floats: [1, 2, 3, 4, 5, 6], shape: [2, 3])
    try expectSoundRefusals(of: Array(NPY.encode(array)), as: "x.npy") { try NPY.read(contentsOf: $0) }
  }

  @Test(.enabled(if: Python.hasNumPy, "NumPy is not installed")) func numPyAndLatentReadEachOther() throws {
    let folder = try TemporaryFolder()
    let script = """
      import numpy as np
      a = np.arange(24).reshape(2, 3, 4)
      for t in ['u1','i1','>i2','<u2','<i4','>i4','>u4','<i8','>i8','<f2','>f4','<f4','<f8','>f8']:
        np.save('c-' + t[-2:] + t[0] + '.npy', a.astype(t))
        np.save('f-' + t[-2:] + t[0] + '.npy', np.asfortranarray(a.astype(t)))
      b = np.load('ours.npy')
      assert b.dtype == np.float32 and b.tolist() == [[0.5, 1.5], [2.5, -3.5]], b
      """
    try NPY.write(
      NumericArray(floats: [0.5, 1.5, 2.5, -3.5], shape: [2, 2]), to: folder.file("ours.npy"), overwrite: false)
    #expect(try Python.run(script, in: folder.path) == 0)
    let names = folder.names.filter { $0 != "ours.npy" }
    #expect(names.count == 28)
    for name in names {
      let array = try NPY.read(contentsOf: folder.file(name))
      #expect(array.shape == [2, 3, 4])
      #expect(array.floats() == (0..<24).map(Float.init), "\(name)")
    }
  }
}
