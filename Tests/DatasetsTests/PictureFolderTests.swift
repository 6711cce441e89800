import Foundation
import LatentDiagnostics
import LatentFileFormats
import TestSupport
import Testing

@testable import LatentDatasets

@Suite struct PictureFolderTests {
  /// A grey picture of one level, and of a size.
  private func picture(_ level: UInt8, _ path: String, width: Int = 4, height: Int = 4, channels: Int = 1) throws {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let pixels = [UInt8](repeating: level, count: width * height * channels)
    try PNG.write(
      Image(width: width, height: height, channels: channels, pixels: pixels), to: path, overwrite: true)
  }

  private func values(_ examples: Examples, _ indices: [Int]) throws -> [Float] {
    var result = [Float](repeating: 0, count: indices.count * examples.dimensions)
    try result.withUnsafeMutableBufferPointer { try examples.copy(indices, into: $0) }
    return result
  }

  @Test func subfoldersAreClassesAndSplits() throws {
    let folder = try TemporaryFolder()
    for (name, level) in [
      ("train/b/1.png", 10), ("train/b/deep/2.PNG", 20), ("train/a/3.png", 30), ("test/a/4.png", 40),
    ] {
      try picture(UInt8(level), folder.file(name))
    }
    try picture(50, folder.file("test/b/5.png"))
    try folder.write(Array("notes".utf8), as: "train/a/readme.txt")
    try picture(99, folder.file("train/a/.hidden.png"))
    let dataset = try Dataset.load(folder.path)
    #expect(dataset.train.shape == [4, 4, 1] && dataset.train.count == 3 && dataset.test?.count == 2)
    #expect(dataset.classNames == ["a", "b"])
    #expect(dataset.train.labels == [0, 1, 1])
    #expect(try values(dataset.train, [2, 0]) == [20, 30].flatMap { [Float](repeating: $0 / 255, count: 16) })
    #expect(dataset.train.isGreyLevels && !dataset.train.isBinary && dataset.train.bytesInMemory == nil)
    let mean = try dataset.train.mean()
    #expect(mean.allSatisfy { abs($0 - 20.0 / 255) < 1e-6 })
  }

  @Test func partsAndDrawsOfPicturesAreThoseOfExamplesInMemory() throws {
    let folder = try TemporaryFolder()
    for index in 0..<20 { try picture(UInt8(index * 12), folder.file("\(index + 10).png")) }
    let pictures = try Dataset.load(folder.path).train
    let bytes = (0..<20).flatMap { [UInt8](repeating: UInt8($0 * 12), count: 16) }
    let memory = try Examples(bytes: bytes, shape: [4, 4, 1])
    let all = Array(0..<20)
    for transform: (Examples) throws -> Examples in [
      { $0 }, { $0.binarized(seed: 3) }, { $0.dequantized(seed: 4) },
      { try $0.split(validation: 5, seed: 2).validation },
      { $0.suffix(7).prefix(3) }, { $0.selecting([4, 2, 9]).binarized(seed: 1) },
    ] {
      let (one, other) = (try transform(pictures), try transform(memory))
      #expect(one.count == other.count && one.isBinary == other.isBinary)
      // Of pictures it is known without a look at them that they are bytes over 255.
      #expect(one.range == 0...1 && other.range.upperBound <= 1)
      let some = all.filter { $0 < one.count }
      one.willCopy(some)
      #expect(try values(one, some) == values(other, some))
    }
    // The same files make the same fingerprint, others another.
    #expect(try Dataset.load(folder.path).train.fingerprint == pictures.fingerprint)
    try picture(7, folder.file("30.png"))
    #expect(try Dataset.load(folder.path).train.fingerprint != pictures.fingerprint)
  }

  @Test func sizesAreThoseOfPillow() throws {
    let folder = try TemporaryFolder()
    try folder.write(#require(Data(base64Encoded: PictureSamples.colour)), as: "a.jpg")
    func bytes(_ settings: PictureSettings) throws -> [Int] {
      let examples = try Dataset.load(folder.path, pictures: settings).train
      #expect(examples.shape == [settings.height, settings.width, settings.channels == 1 ? 1 : 3])
      return try values(examples, [0]).map { Int(($0 * 255).rounded()) }
    }
    let small = try bytes(PictureSettings(width: 3, height: 4, fit: .stretch))
    #expect(zip(small, PictureSamples.colourSmall).allSatisfy { abs($0 - Int($1)) <= 2 }, "\(small)")
    let large = try bytes(PictureSettings(width: 11, height: 9, fit: .stretch))
    #expect(zip(large, PictureSamples.colourLarge).allSatisfy { abs($0 - Int($1)) <= 2 }, "\(large.prefix(30))")
    let grey = try bytes(PictureSettings(width: 8, height: 6, channels: 1))
    #expect(zip(grey, PictureSamples.colourAsGrey).allSatisfy { abs($0 - Int($1)) <= 2 }, "\(grey.prefix(8))")
  }

  @Test func otherProportionsAreCutOrPadded() throws {
    let folder = try TemporaryFolder()
    // Columns 0, 100, 200, 250 of two rows.
    let row: [UInt8] = [0, 100, 200, 250]
    try PNG.write(
      Image(width: 4, height: 2, channels: 1, pixels: row + row), to: folder.file("a.png"), overwrite: false)
    func bytes(_ fit: PictureSettings.Fit, _ side: Int) throws -> [Int] {
      let examples = try Dataset.load(folder.path, pictures: .init(width: side, height: side, fit: fit)).train
      return try values(examples, [0]).map { Int(($0 * 255).rounded()) }
    }
    #expect(try bytes(.crop, 2) == [100, 200, 100, 200])
    #expect(try bytes(.pad, 4) == [0, 0, 0, 0, 0, 100, 200, 250, 0, 100, 200, 250, 0, 0, 0, 0])
    #expect(try bytes(.stretch, 2).count == 4)
  }

  @Test func aTableMaySayTheClasses() throws {
    let folder = try TemporaryFolder()
    for index in 0..<3 { try picture(UInt8(index), folder.file("\(index).png")) }
    try folder.write(Array("0.png,dog\n1.png, cat\n2.png,dog\n".utf8), as: "labels.csv")
    let named = try Dataset.load(folder.path)
    #expect(named.train.labels == [1, 0, 1] && named.classNames == ["cat", "dog"])
    try folder.write(Array("0.png,4\n2.png,0\n1.png,2\n".utf8), as: "labels.csv")
    #expect(try Dataset.load(folder.path).train.labels == [4, 2, 0])
    try folder.write(Array("0.png,4\n".utf8), as: "labels.csv")
    let error = #expect(throws: LatentError.self) { try Dataset.load(folder.path) }
    #expect(error?.problem.hasSuffix("labels.csv says no class for 1.png") == true)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let folder = try TemporaryFolder()
    try picture(1, folder.file("a.png"))
    try picture(1, folder.file("b.png"), width: 6)
    let sizes = #expect(throws: LatentError.self) { try Dataset.load(folder.path) }
    #expect(sizes?.problem == "The pictures of \(folder.path) have 2 sizes, from 4 x 4 to 6 x 4 pixels")
    try picture(1, folder.file("sub/c.png"))
    let mixed = #expect(throws: LatentError.self) {
      try Dataset.load(folder.path, pictures: .init(width: 4, height: 4))
    }
    #expect(mixed?.problem.contains("has pictures beside its sub-folders sub") == true)
    try FileManager.default.removeItem(atPath: folder.file("sub"))
    try folder.write([1, 2, 3], as: "c.jpg")
    let wrong = #expect(throws: LatentError.self) {
      try Dataset.load(folder.path, pictures: .init(width: 4, height: 4))
    }
    #expect(wrong?.problem == "\(folder.path)/c.jpg is neither a PNG nor a JPEG picture")
    for settings in [PictureSettings(width: 4), PictureSettings(width: 0, height: -1), PictureSettings(channels: 2)] {
      #expect(throws: LatentError.self) { try Dataset.load(folder.path, pictures: settings) }
    }
    // A file that goes bad later is named when it is asked for.
    try FileManager.default.removeItem(atPath: folder.file("c.jpg"))
    let examples = try Dataset.load(folder.path, pictures: .init(width: 4, height: 4)).train
    try FileManager.default.removeItem(atPath: folder.file("b.png"))
    #expect(throws: LatentError.self) { try values(examples, [0, 1]) }
    #expect(try values(examples, [0]).count == 16)
  }
}
