import LatentDiagnostics
import Foundation
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct AtomicFileTests {
  @Test func theFileHoldsTheDataAndNothingElseIsLeft() throws {
    let folder = try TemporaryFolder()
    for data in [Data(), Data("one".utf8), Data(count: 3_000_000)] {
      try AtomicFile.write(data, to: folder.file("a"))
      #expect(try FileReading.data(at: folder.file("a")) == data)
    }
    #expect(folder.names == ["a"])
  }

  @Test func anExistingFileIsKeptUnlessItMayBeReplaced() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], as: "a")
    let error = #expect(throws: LatentError.self) { try AtomicFile.write(Data([2]), to: path, overwrite: false) }
    #expect(
      error == .usage("\(path) exists already", remedy: "Give --force to replace it, or another name"))
    #expect(try FileReading.data(at: path) == Data([1]))
    try AtomicFile.write(Data([3]), to: folder.file("b"), overwrite: false)
    #expect(folder.names == ["a", "b"])
  }

  @Test func shortAndInterruptedWritesAreContinued() throws {
    let folder = try TemporaryFolder()
    var calls = 0
    try AtomicFile.write(Data((0..<100).map { UInt8($0) }), to: folder.file("a"), overwrite: true) {
      calls += 1
      if calls % 2 == 1 {
        errno = EINTR
        return -1
      }
      return systemWrite($0, $1, min($2, 7))
    }
    #expect(try FileReading.data(at: folder.file("a")) == Data((0..<100).map { UInt8($0) }))
    #expect(calls == 30)
  }

  @Test(arguments: [
    (ENOSPC, "the disk is full"), (EDQUOT, "the disk is full"), (EROFS, "read-only"), (EIO, "cannot be written"),
  ])
  func aFailedWriteLeavesTheOldFileAndNoTemporary(code: Int32, phrase: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], as: "a")
    var calls = 0
    let error = #expect(throws: LatentError.self) {
      try AtomicFile.write(Data(count: 10), to: path, overwrite: true) { descriptor, bytes, _ in
        calls += 1
        if calls == 1 { return systemWrite(descriptor, bytes, 5) }
        errno = code
        return -1
      }
    }
    #expect(error?.category == .failure)
    #expect(error?.problem.contains(path) == true)
    #expect(error?.problem.contains(phrase) == true)
    #expect(folder.names == ["a"])
    #expect(try FileReading.data(at: path) == Data([1]))
  }

  @Test func aMissingFolderOrAFolderInPlaceIsSaid() throws {
    let folder = try TemporaryFolder()
    let missing = #expect(throws: LatentError.self) { try AtomicFile.write(Data(), to: folder.file("no/a")) }
    #expect(missing?.problem.contains("there is no folder \(folder.path)/no") == true)
    let inPlace = #expect(throws: LatentError.self) { try AtomicFile.write(Data(), to: folder.path) }
    #expect(inPlace?.category == .usage)
    #expect(throws: LatentError.self) { try AtomicFile.write(Data(), to: "") }
    #expect(folder.names.isEmpty)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
  func devicesAreWrittenToAndNeverReplaced() throws {
    try AtomicFile.write(Data([1]), to: "/dev/null", overwrite: false)
    let error = #expect(throws: LatentError.self) { try AtomicFile.write(Data([1]), to: "/dev/full") }
    #expect(error?.problem == "/dev/full cannot be written because the disk is full")
    var status = stat()
    #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func linksAreFollowedAndPermissionsKept() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], as: "a")
    #expect(chmod(path, 0o640) == 0)
    #expect(symlink(path, folder.file("link")) == 0)
    try AtomicFile.write(Data([2]), to: folder.file("link"))
    #expect(try FileReading.data(at: path) == Data([2]))
    var status = stat()
    #expect(lstat(folder.file("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test func aNameOfTheGreatestLengthCanBeWritten() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data([1]), to: folder.file(String(repeating: "n", count: 255)))
    let error = #expect(throws: LatentError.self) {
      try AtomicFile.write(Data([1]), to: folder.file(String(repeating: "n", count: 256)))
    }
    #expect(error?.category == .usage)
    #expect(folder.names.count == 1)
  }
}
