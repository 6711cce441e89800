import LatentDiagnostics
import LatentFileFormats
import Foundation
import TestSupport
import Testing

@testable import LatentDatasets

@Suite(.enabled(if: FileServer.isAvailable, "python3 or curl is not installed"))
struct DatasetFetcherTests {
  private let folder: TemporaryFolder
  private let content = Data((0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) })
  private let packed: Data
  private let dataset: NamedDataset

  init() throws {
    folder = try TemporaryFolder()
    packed = try Gzip.compress(content)
    dataset = NamedDataset(
      name: "tiny", summary: "", shape: [1], trainCount: 1, testCount: 1, classCount: 1, source: "", licence: "",
      files: [
        .init(
          name: "a.gz", url: "http://127.0.0.1:1/a.gz", contentSHA256: SHA256.hexDigest(of: content),
          contentByteCount: content.count)
      ])
    try FileManager.default.createDirectory(atPath: folder.file("web"), withIntermediateDirectories: true)
    try folder.write(packed, as: "web/a.gz")
  }

  private func fetch(from url: String?, program: String = "curl") throws -> DatasetFetcher.Outcome? {
    var result: DatasetFetcher.Outcome?
    try DatasetFetcher(dataset: dataset, folder: folder.file("data"), baseURL: url, program: program)
      .fetch { _, outcome in result = outcome }
    return result
  }

  private func leavePart(_ bytes: Data) throws {
    try FileManager.default.createDirectory(atPath: folder.file("data"), withIntermediateDirectories: true)
    try folder.write(bytes, as: "data/a.gz.part")
  }

  private var present: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.file("data"))) ?? []) }
  private var sent: [String] {
    ((try? String(contentsOfFile: folder.file("web/sent"), encoding: .utf8)) ?? "").split(separator: "\n")
      .map(String.init)
  }

  @Test func aMissingFileIsDownloadedAndARightOneKept() throws {
    let server = try FileServer(folder: folder.file("web"), supportsRanges: true)
    #expect(try fetch(from: server.url) == .downloaded)
    #expect(try FileReading.data(at: folder.file("data/a.gz")) == packed)
    #expect(try fetch(from: server.url) == .kept)
    #expect(sent == ["\(packed.count)"])
    #expect(present == ["a.gz"])
  }

  @Test func aDamagedFileIsDownloadedAnew() throws {
    let server = try FileServer(folder: folder.file("web"), supportsRanges: true)
    try leavePart(Data())
    try folder.write(packed.dropLast(), as: "data/a.gz")
    #expect(try fetch(from: server.url) == .downloaded)
    #expect(try FileReading.data(at: folder.file("data/a.gz")) == packed)
  }

  @Test func halfAFileIsContinued() throws {
    let server = try FileServer(folder: folder.file("web"), supportsRanges: true)
    try leavePart(packed.prefix(1000))
    #expect(try fetch(from: server.url) == .resumed)
    #expect(sent == ["\(packed.count - 1000)"])
    #expect(try FileReading.data(at: folder.file("data/a.gz")) == packed)
  }

  @Test func aWholePartNeedsNoServer() throws {
    try leavePart(packed)
    #expect(try fetch(from: nil) == .resumed)
    #expect(present == ["a.gz"])
  }

  @Test(arguments: [true, false]) func whatCannotBeContinuedIsStartedOver(supportsRanges: Bool) throws {
    let server = try FileServer(folder: folder.file("web"), supportsRanges: supportsRanges)
    // With ranges: too long, or of something else. Without: even a right beginning is of no use.
    let parts = supportsRanges ? [packed + packed, Data(count: 500)] : [packed.prefix(1000)]
    for part in parts {
      try leavePart(part)
      #expect(try fetch(from: server.url) == .downloaded)
      #expect(try FileReading.data(at: folder.file("data/a.gz")) == packed)
      #expect(present == ["a.gz"])
      try FileManager.default.removeItem(atPath: folder.file("data/a.gz"))
    }
  }

  @Test func aWrongFileIsDeletedAndSaid() throws {
    let server = try FileServer(folder: folder.file("web"), supportsRanges: true)
    try folder.write(Gzip.compress(content + Data([1])), as: "web/a.gz")
    let error = #expect(throws: LatentError.self) { try fetch(from: server.url + "/") }
    #expect(error?.problem.contains("\(server.url)/a.gz") == true)
    #expect(error?.problem.contains("checksum is wrong") == true)
    #expect(error?.remedy.contains(folder.file("data/a.gz")) == true)
    #expect(present.isEmpty)
  }

  @Test func aRefusedConnectionKeepsThePartAndSaysWhatToDo() throws {
    try leavePart(packed.prefix(10))
    // Port 1 is reserved and nothing listens there.
    let error = #expect(throws: LatentError.self) { try fetch(from: nil) }
    #expect(error?.problem.contains("refuses the connection") == true)
    #expect(
      error?.remedy.contains("download http://127.0.0.1:1/a.gz to \(folder.file("data/a.gz")) by hand") == true)
    #expect(present == ["a.gz.part"])
  }

  @Test func anHTTPErrorAndAMissingProgramAreSaid() throws {
    let server = try FileServer(folder: folder.file("data"), supportsRanges: true)
    let absent = #expect(throws: LatentError.self) { try fetch(from: server.url) }
    #expect(absent?.problem.contains("404") == true)
    let program = #expect(throws: LatentError.self) { try fetch(from: server.url, program: "no-such-curl") }
    #expect(program?.problem.contains("no-such-curl is not installed") == true)
    #expect(present.isEmpty)
  }
}
