import Foundation
import LatentDiagnostics
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct JPEGTests {
  private func sample(_ text: String, _ folder: TemporaryFolder, keeping count: Int = .max) throws -> String {
    try folder.write(#require(Data(base64Encoded: text)).prefix(count), as: "a.jpg")
  }

  @Test func samplesAreThoseThatPillowReads() throws {
    let folder = try TemporaryFolder()
    let image = try JPEG.read(contentsOf: sample(PictureSamples.colour, folder))
    #expect(image.width == 8 && image.height == 6 && image.channels == 3)
    for (ours, theirs) in zip(image.pixels, PictureSamples.colourStart) { #expect(abs(Int(ours) - Int(theirs)) <= 2) }
    #expect(abs(image.pixels.reduce(0) { $0 + Int($1) } - PictureSamples.colourSum) <= 144)
    let grey = try PictureFile.read(contentsOf: sample(PictureSamples.grey, folder))
    #expect(grey.channels == 1)
    #expect(Array(grey.pixels.prefix(8)) == PictureSamples.greyStart)
  }

  @Test func headersTellTheSizeOfBothFormats() throws {
    let folder = try TemporaryFolder()
    let jpeg = try PictureFile.header(contentsOf: sample(PictureSamples.colour, folder))
    #expect(jpeg.width == 8 && jpeg.height == 6 && jpeg.channels == 3)
    for channels in [1, 3] {
      let image = Image(width: 3, height: 2, channels: channels, pixels: [UInt8](repeating: 9, count: 6 * channels))
      try PNG.write(image, to: folder.file("a.png"), overwrite: true)
      let png = try PictureFile.header(contentsOf: folder.file("a.png"))
      #expect(png.width == 3 && png.height == 2 && png.channels == channels)
    }
  }

  @Test(
    "What is no whole picture is refused with its name",
    arguments: [
      (100, "cannot be read as JPEG: "), (660, "cannot be read as JPEG: "), (1, "is neither a PNG nor a JPEG picture"),
      (0, "is neither a PNG nor a JPEG picture"),
    ])
  func damage(_ count: Int, _ problem: String) throws {
    let folder = try TemporaryFolder()
    let path = try sample(PictureSamples.colour, folder, keeping: count)
    let error = #expect(throws: LatentError.self) { try PictureFile.read(contentsOf: path) }
    #expect(error?.problem.hasPrefix("\(path) \(problem)") == true, "\(String(describing: error))")
  }
}
