import LatentDiagnostics
import Foundation
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct SafetensorsTests {
  private func sample() throws -> Safetensors {
    Safetensors(
      tensors: [
        ("z/bytes \"quoted\"", try NumericArray(shape: [3], type: .uint8, bytes: Data([1, 2, 3]))),
        ("weight", NumericArray(floats: [1, -2, 3, 4], shape: [2, 2])),
        ("nothing", NumericArray(floats: [], shape: [0, 5])),
        ("ümlaut\n", try NumericArray(shape: [], type: .int64, bytes: Data(count: 8))),
      ], metadata: ["b": "two", "a": "one \\ \u{1}", "format": "pt"])
  }

  private func file(_ header: String, _ body: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + body
  }

  @Test func writingThenReadingGivesTheSameContents() throws {
    let folder = try TemporaryFolder()
    let contents = try sample()
    try contents.write(to: folder.file("a.safetensors"))
    let back = try Safetensors.read(contentsOf: folder.file("a.safetensors"))
    #expect(back.metadata == contents.metadata)
    #expect(back.tensors.map(\.name) == contents.tensors.map(\.name))
    for (left, right) in zip(back.tensors, contents.tensors) { #expect(left.array == right.array) }
    #expect(back["weight"]?.floats() == [1, -2, 3, 4])
    #expect(back["absent"] == nil)
    #expect(folder.names == ["a.safetensors"])
  }

  @Test func theSameContentsGiveTheSameBytes() throws {
    #expect(try sample().serialized() == sample().serialized())
    let data = try Safetensors(tensors: [("a", NumericArray(shape: [1], type: .uint8, bytes: Data([7])))]).serialized()
    let header = #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    #expect(data == Data(file(header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8), [7])))
  }

  @Test func twoTensorsOfOneNameAreNotWritten() throws {
    let folder = try TemporaryFolder()
    let one = NumericArray(floats: [1], shape: [1])
    #expect(throws: LatentError.self) {
      try Safetensors(tensors: [("a", one), ("a", one)]).write(to: folder.file("x"))
    }
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: [
    ("not JSON", "{nonsense}", 0, "not the JSON"),
    ("array", "[1]", 0, "brace"),
    ("unknown type", #"{"a":{"dtype":"F12","shape":[1],"data_offsets":[0,4]}}"#, 4, "type F12"),
    ("beyond the file", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 4, "outside the file"),
    ("backwards", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "outside the file"),
    ("negative", #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, 4, "outside the file"),
    ("one offset", #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}}"#, 4, "outside the file"),
    ("wrong size", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "not what its shape"),
    ("overflow", #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, 4, "not what its"),
    ("fraction", #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "not the JSON"),
    ("no shape", #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4, "not the JSON"),
    ("metadata of numbers", #"{"__metadata__":{"a":1}}"#, 0, "not the JSON"),
    (
      "overlap",
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3,
      "overlap"
    ),
    ("gap", #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, "gap"),
    ("rest", #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 2, "belong to no tensor"),
    (
      "twice",
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
      2, "there twice"
    ),
  ])
  func unsoundFilesAreRefused(name: String, header: String, bodyCount: Int, phrase: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(file(header, Array(repeating: 0, count: bodyCount)), as: "x.safetensors")
    let error = #expect(throws: LatentError.self) { try Safetensors.read(contentsOf: path) }
    #expect(error?.problem.contains(phrase) == true, "\(name): \(String(describing: error))")
    #expect(error?.problem.contains(path) == true)
  }

  @Test func aHeaderLongerThanTheFileOrTheLimitIsRefused() throws {
    let folder = try TemporaryFolder()
    for (length, phrase) in [(UInt64.max, "claims"), (100_000_001, "claims"), (100, "within its header")] {
      let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}".utf8)
      let error = #expect(throws: LatentError.self) {
        try Safetensors.read(contentsOf: folder.write(bytes, as: "x.safetensors"))
      }
      #expect(error?.problem.contains(phrase) == true)
    }
  }

  @Test func damagedFilesAreRefused() throws {
    try expectSoundRefusals(of: Array(sample().serialized()), as: "x.safetensors") {
      try Safetensors.read(contentsOf: $0).tensors.map(\.array)
    }
  }
}
