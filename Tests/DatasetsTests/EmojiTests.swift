import Foundation
import LatentDiagnostics
import LatentFileFormats
import TestSupport
import Testing

@testable import LatentDatasets

/// Pictures of a font: its tables, their scaling, and what is refused.
@Suite struct EmojiTests {
  private func bytes(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).reversed().map { UInt8(value >> (8 * $0) & 255) }
  }

  /// A font of one colour for each picture, in index subtables of one format; the second glyph has no picture.
  private func font(_ colours: [[UInt8]], format: Int) throws -> Data {
    let width = format == 1 ? 4 : 2
    var files: [[UInt8]] = try colours.map { colour in
      let pixels = (0..<(17 * 16)).flatMap { _ in colour }
      let png = Array(try PNG.encode(Image(width: 17, height: 16, channels: 3, pixels: pixels)))
      return [16, 17, 0, 0, 17] + bytes(png.count, 4) + png
    }
    files.insert([], at: 1)
    var (offsets, data): ([Int], [UInt8]) = ([0], bytes(0x0003_0000, 4))
    for file in files {
      data += file
      offsets.append(data.count - 4)
    }
    let subtable = bytes(format, 2) + bytes(17, 2) + bytes(4, 4) + offsets.flatMap { bytes($0, width) }
    let list = bytes(5, 2) + bytes(5 + files.count - 1, 2) + bytes(8, 4) + subtable
    let size = bytes(56, 4) + bytes(list.count, 4) + bytes(1, 4) + [UInt8](repeating: 0, count: 36)
    let locations = bytes(0x0003_0000, 4) + bytes(1, 4) + size + list
    let start = 12 + 2 * 16
    let header = bytes(0x0001_0000, 4) + bytes(2, 2) + [UInt8](repeating: 0, count: 6)
    let records =
      Array("CBDT".utf8) + bytes(0, 4) + bytes(start, 4) + bytes(data.count, 4) + Array("CBLC".utf8) + bytes(0, 4)
      + bytes(start + data.count, 4) + bytes(locations.count, 4)
    return Data(header + records + data + locations)
  }

  @Test("Every picture of a font is found", arguments: [1, 3])
  func pictures(_ format: Int) throws {
    let colours: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [10, 20, 30]]
    let font = try ColorBitmapFont(font(colours, format: format), source: "font")
    #expect(font.count == 3)
    for (index, colour) in colours.enumerated() {
      let picture = try font.picture(index)
      #expect(picture.width == 17 && picture.height == 16 && Array(picture.pixels.prefix(4)) == colour + [255])
    }
  }

  @Test func aFontThatIsCutShortIsRefused() throws {
    let whole = try font([[1, 2, 3], [4, 5, 6]], format: 1)
    for length in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: LatentError.self) {
        let font = try ColorBitmapFont(Data(whole.prefix(length)), source: "font")
        for index in 0..<font.count { _ = try font.picture(index) }
      }
    }
  }

  @Test func picturesAreScaledAndLaidOnTheirGround() {
    // Two pixels side by side, one opaque red, one of which half shows: in a square of 2, one row above and below... of ground.
    let image = TransparentImage(width: 2, height: 1, pixels: [200, 0, 0, 255, 0, 100, 0, 51])
    let one = Emoji(side: 1, ground: .white).scaled(image)
    // A quarter is opaque red, a quarter is a fifth green, the rest is white; the picture covers half of the square.
    #expect(one == [UInt8((200 * 0.25 + 255 * 0.7).rounded()), UInt8((100 * 0.05 + 255 * 0.7).rounded()), 179])
    let two = Emoji(side: 2, ground: .black).scaled(image)
    #expect(two.count == 12 && Array(two[0..<6]) == [200, 0, 0, 0, 20, 0] && two[6...].allSatisfy { $0 == 0 })
    let grey = Emoji(side: 8, ground: .grey).scaled(TransparentImage(width: 1, height: 1, pixels: [9, 9, 9, 0]))
    #expect(grey.allSatisfy { $0 == 128 })
  }

  @Test func namesSayTheSizeAndTheGround() throws {
    #expect(try Emoji(name: "emoji") == Emoji())
    #expect(try Emoji(name: "emoji:64") == Emoji(side: 64))
    #expect(try Emoji(name: "emoji:16:black") == Emoji(side: 16, ground: .black))
    #expect(try Emoji(name: "mnist") == nil)
    for name in ["emoji:4", "emoji:x", "emoji:64:green", "emoji:64:black:1", "emoji:"] {
      let error = #expect(throws: LatentError.self) { try Emoji(name: name) }
      #expect(error?.problem == "There is no data set \(name)")
    }
  }

  private static let isPresent = (try? DataDirectory().folder(of: .emoji)) != nil

  @Test(.enabled(if: isPresent, "fonts-noto-color-emoji is not on this machine"))
  func theFontIsWhatItsDescriptionSays() throws {
    let dataset = try Dataset.load("emoji:16")
    #expect(dataset.train.shape == [16, 16, 3])
    #expect(dataset.train.count + (dataset.test?.count ?? 0) > 3000)
  }
}
