import LatentDiagnostics
import Foundation
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct PNGTests {
  private func gradient(channels: Int) -> Image {
    Image(
      width: 7, height: 5, channels: channels, pixels: (0..<35 * channels).map { UInt8($0 * 37 % 256) })
  }

  @Test(arguments: [1, 3]) func readingGivesThePictureThatWasWritten(channels: Int) throws {
    let folder = try TemporaryFolder()
    let image = gradient(channels: channels)
    try PNG.write(image, to: folder.file("a.png"), overwrite: false)
    #expect(try PNG.read(contentsOf: folder.file("a.png")) == image)
    #expect(try PNG.encode(image) == PNG.encode(image))
  }

  @Test(arguments: [
    ("palette", PNGSamples.palette, 3, [40, 50, 60, 10, 20, 30]), ("16 bits", PNGSamples.grey16, 1, [255, 128]),
    ("transparent", PNGSamples.colourAlpha, 3, [1, 2, 3]), ("one bit", PNGSamples.oneBit, 1, [255, 0, 255]),
    ("grey and transparent", PNGSamples.greyAlpha, 1, [7]),
  ])
  func everyKindBecomesEightBits(name: String, base64: String, channels: Int, pixels: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let data = try #require(Data(base64Encoded: base64))
    let image = try PNG.read(contentsOf: folder.write(data, as: "a.png"))
    #expect(image.channels == channels)
    #expect(image.pixels == pixels)
  }

  @Test func absurdSizesAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(#require(Data(base64Encoded: PNGSamples.huge)), as: "huge.png")
    let error = #expect(throws: LatentError.self) { try PNG.read(contentsOf: path) }
    #expect(error?.problem == "\(path) cannot be read as PNG: the image is too large")
    var image = gradient(channels: 1)
    image.width = .max
    #expect(throws: LatentError.self) { try PNG.encode(image) }
    #expect(throws: LatentError.self) { try PNG.encode(Image(width: 0, height: 0, channels: 1, pixels: [])) }
  }

  @Test func whatIsNotAPictureIsRefused() throws {
    let folder = try TemporaryFolder()
    for bytes in [[], Array("not a picture".utf8)] {
      let path = try folder.write(bytes, as: "a.png")
      let error = #expect(throws: LatentError.self) { try PNG.read(contentsOf: path) }
      #expect(error?.problem.contains(path) == true)
    }
  }

  @Test func damagedFilesAreRefused() throws {
    try expectSoundRefusals(of: Array(PNG.encode(gradient(channels: 3))), as: "x.png", hasChecksums: true) {
      try PNG.read(contentsOf: $0)
    }
  }
}
