import Foundation
import LatentDiagnostics
import LatentFileFormats
import TestSupport
import Testing

@testable import LatentDatasets

/// Arrays that are read a batch at a time are the same examples as those in memory.
@Suite struct FileRowsTests {
  private func load(_ path: String, limit: Int, missing: Bool = false) throws -> Dataset {
    var files = try DatasetFiles(file: path)
    (files.memoryLimit, files.missingValues) = (limit, missing)
    return try files.load(name: path)
  }

  private func values(_ examples: Examples) throws -> [Float] {
    var result = [Float](repeating: 0, count: examples.count * examples.dimensions)
    try result.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    return result
  }

  @Test(arguments: [DataType.uint8, .float32, .float64, .int32]) func rowsAreThoseInMemory(_ type: DataType) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.npy")
    let bytes: Data
    switch type {
    case .uint8: bytes = Data((0..<60).map { UInt8($0 * 4) })
    case .float64: bytes = (0..<60).map { Double($0) / 7 }.withUnsafeBytes { Data($0) }
    case .int32: bytes = (0..<60).map { Int32($0) }.withUnsafeBytes { Data($0) }
    default: bytes = (0..<60).map { Float($0) / 3 }.withUnsafeBytes { Data($0) }
    }
    try NPY.write(NumericArray(shape: [10, 2, 3], type: type, bytes: bytes), to: path, overwrite: false)
    let (files, memory) = (try load(path, limit: 10).train, try load(path, limit: 1 << 20).train)
    #expect(files.bytesInMemory == nil && memory.bytesInMemory != nil)
    #expect(files.shape == memory.shape && files.range == memory.range)
    #expect(files.isGreyLevels == memory.isGreyLevels && files.isBinary == memory.isBinary)
    #expect(try values(files) == values(memory))
    #expect(try values(files.split(validation: 3, seed: 1).train) == values(memory.split(validation: 3, seed: 1).train))
    #expect(try files.mean() == memory.mean())
  }

  @Test func binaryBytesAreZerosAndOnes() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.npy")
    let bytes = Data((0..<60).map { UInt8($0 % 2) })
    try NPY.write(NumericArray(shape: [10, 6], type: .uint8, bytes: bytes), to: path, overwrite: false)
    let examples = try load(path, limit: 10).train
    #expect(examples.isBinary && examples.range == 0...1 && !examples.isGreyLevels)
  }

  @Test func valuesThatAreMissingAreToldOf() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.npy")
    var floats = (0..<60).map(Float.init)
    floats[31] = .nan
    try NPY.write(NumericArray(floats: floats, shape: [10, 6]), to: path, overwrite: false)
    let error = #expect(throws: LatentError.self) { try load(path, limit: 10) }
    #expect(error?.remedy.contains("--missing") == true)
    let examples = try load(path, limit: 10, missing: true).train
    #expect(examples.hasMissing)
    #expect(try examples.meanObservedCount() == 5.9)
  }

  @Test func aFileThatHasBecomeShorterIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.npy")
    try NPY.write(NumericArray(floats: (0..<6000).map(Float.init), shape: [100, 60]), to: path, overwrite: false)
    let examples = try load(path, limit: 10).train
    #expect(truncate(path, 5000) == 0)
    let error = #expect(throws: LatentError.self) { try values(examples) }
    #expect(error?.problem.hasPrefix(path + " ends before its contents do") == true)
  }

  @Test func partsOfAnArrayAreOneAfterAnother() throws {
    let folder = try TemporaryFolder()
    for part in 0..<3 {
      let floats = (0..<4).map { Float(part * 4 + $0) }
      try NPY.write(
        NumericArray(floats: floats, shape: [2, 2]), to: folder.file("train-\(part).npy"), overwrite: false)
    }
    try NPY.write(
      NumericArray(shape: [6], type: .uint8, bytes: Data([0, 1, 2, 0, 1, 2])), to: folder.file("train-labels.npy"),
      overwrite: false)
    for limit in [10, 1 << 20] {
      var files = try DatasetFiles(folder: folder.path)
      files.memoryLimit = limit
      let train = try files.load(name: "parts").train
      #expect(try values(train) == (0..<12).map(Float.init))
      #expect(train.labels == [0, 1, 2, 0, 1, 2])
    }
  }
}
