import Foundation
import LatentDiagnostics

/// The pictures of a font that has colour bitmaps, in PNG, for its glyphs: the OpenType tables CBLC and CBDT.
///
/// Read here and not by FreeType, so that the program needs no further library for one data set: the tables are a list of places
/// of PNG files.
package struct ColorBitmapFont {
  private let bytes: Data
  private let source: String
  /// Where the table of pictures begins, and how long it is.
  private var pictures = 0..<0
  /// Where each picture's PNG file lies, in the order of the glyphs.
  private var places: [Range<Int>] = []

  /// Opens a font; what errors call it is its path.
  ///
  /// - Throws: A `LatentError` when it is missing, no font, or has no such pictures.
  package init(contentsOf path: String) throws {
    try self.init(FileReading.data(at: path), source: path)
  }

  /// Opens a font from its bytes.
  package init(_ bytes: Data, source: String) throws {
    self.bytes = bytes
    self.source = source
    var tables: [UInt32: Range<Int>] = [:]
    for index in 0..<Int(try number(2, at: 4)) {
      let record = 12 + 16 * index
      let start = Int(try number(4, at: record + 8))
      let length = Int(try number(4, at: record + 12))
      guard start + length <= bytes.count else { throw damaged() }
      tables[try number(4, at: record)] = start..<(start + length)
    }
    guard let locations = tables[0x4342_4C43], let pictures = tables[0x4342_4454] else {
      throw LatentError.failure(
        "\(source) is no font with colour bitmaps",
        remedy: "Give NotoColorEmoji.ttf of the package fonts-noto-color-emoji")
    }
    self.pictures = pictures
    guard try number(4, at: locations.lowerBound + 4) > 0 else { throw damaged() }
    // The first size alone: the font has one.
    let size = locations.lowerBound + 8
    let list = locations.lowerBound + Int(try number(4, at: size))
    for index in 0..<Int(try number(4, at: size + 8)) {
      let first = Int(try number(2, at: list + 8 * index))
      let last = Int(try number(2, at: list + 8 * index + 2))
      guard first <= last else { throw damaged() }
      try readPlaces(last - first + 1, at: list + Int(try number(4, at: list + 8 * index + 4)))
    }
  }

  /// How many pictures there are.
  package var count: Int { places.count }

  /// A picture as red, green, blue, and opacity.
  ///
  /// - Throws: A `LatentError` when it is damaged.
  package func picture(_ index: Int) throws -> TransparentImage {
    guard places.indices.contains(index) else { throw damaged() }
    let start = bytes.startIndex
    let file = bytes[(start + places[index].lowerBound)..<(start + places[index].upperBound)]
    return try PNG.decodeWithAlpha(Data(file), source: "Picture \(index) of \(source)")
  }

  /// The places that an index subtable of formats 1 or 3 names, of pictures of formats 17 to 19.
  private mutating func readPlaces(_ glyphs: Int, at subtable: Int) throws {
    let width = try number(2, at: subtable) == 1 ? 4 : try number(2, at: subtable) == 3 ? 2 : 0
    let format = try number(2, at: subtable + 2)
    guard width > 0, let metrics = [17: 5, 18: 8, 19: 0][Int(format)] else { throw damaged() }
    let data = pictures.lowerBound + Int(try number(4, at: subtable + 4))
    for glyph in 0..<glyphs {
      let offset = Int(try number(width, at: subtable + 8 + width * glyph))
      // A glyph without a picture begins where the next one does.
      guard try number(width, at: subtable + 8 + width * (glyph + 1)) > offset else { continue }
      let start = data + offset + metrics + 4
      let length = Int(try number(4, at: data + offset + metrics))
      guard start + length <= pictures.upperBound else { throw damaged() }
      places.append(start..<(start + length))
    }
  }

  /// A number of some bytes, the highest first.
  private func number(_ width: Int, at place: Int) throws -> UInt32 {
    guard place >= 0, place + width <= bytes.count else { throw damaged() }
    return bytes[(bytes.startIndex + place)..<(bytes.startIndex + place + width)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private func damaged() -> LatentError {
    .failure(
      "\(source) is damaged, or not a font that can be read", remedy: "Install the package fonts-noto-color-emoji again"
    )
  }
}
