import Foundation
import LatentDiagnostics
import LatentFileFormats

/// The pictures of the font Noto Color Emoji, scaled to a size and laid on a ground: a colour data set that any Debian machine can
/// have.
///
/// Every tenth picture is a test example. Many differ in skin colour alone, so that a test example often has near relatives among
/// the training examples.
public struct Emoji: Hashable, Sendable {
  /// What transparent pixels show.
  public enum Ground: String, CaseIterable, Sendable {
    /// Red, green, and blue at their most, their least, or between.
    case white, black, grey

    var level: Double { self == .white ? 255 : self == .black ? 0 : 128 }
  }

  /// The side of a picture in pixels.
  public var side = 32
  /// What lies behind the pictures.
  public var ground = Ground.white

  /// Sides that can be asked for; the font's own pictures are 136 by 128.
  package static let sides = 8...136
  /// How many places apart test examples are.
  private static let testEvery = 10

  /// Pictures of a size on a ground.
  public init(side: Int = 32, ground: Ground = .white) {
    self.side = side
    self.ground = ground
  }

  /// Pictures as a name has them: `emoji`, `emoji:64`, `emoji:64:black`; `nil` for the name of something else.
  ///
  /// - Throws: A `LatentError` for a size or a ground that there is not.
  package init?(name: String) throws {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts[0] == NamedDataset.emoji.name else { return nil }
    let size = parts.count > 1 ? Int(parts[1]) : 32
    let ground = parts.count > 2 ? Ground(rawValue: parts[2]) : .white
    guard parts.count <= 3, let size, Self.sides.contains(size), let ground else {
      throw LatentError.usage(
        "There is no data set \(name)",
        remedy: "Write emoji:SIZE or emoji:SIZE:GROUND, with a size from \(Self.sides.lowerBound) to "
          + "\(Self.sides.upperBound) and \(Ground.allCases.map(\.rawValue).joined(separator: ", ")) for the ground")
    }
    self.init(side: size, ground: ground)
  }

  /// Reads and scales all pictures.
  ///
  /// - Throws: A `LatentError` when the font is not there, damaged, or has too few pictures.
  package func dataset(name: String, font path: String) throws -> Dataset {
    let font = try ColorBitmapFont(contentsOf: path)
    guard font.count >= Self.testEvery else {
      throw LatentError.failure(
        "\(path) has \(font.count) pictures only",
        remedy: "Give NotoColorEmoji.ttf of the package fonts-noto-color-emoji")
    }
    var splits: [[UInt8]] = [[], []]
    for index in 0..<font.count {
      splits[index % Self.testEvery == Self.testEvery - 1 ? 1 : 0] += scaled(try font.picture(index))
    }
    let shape = [side, side, 3]
    return Dataset(
      name: name, train: try Examples(bytes: splits[0], shape: shape, source: path),
      test: try Examples(bytes: splits[1], shape: shape, source: path))
  }

  /// The means of a picture over the squares that the pixels of the result cover, in the middle of a square ground.
  package func scaled(_ image: TransparentImage) -> [UInt8] {
    let longest = max(image.width, image.height)
    let (left, top) = ((longest - image.width) / 2, (longest - image.height) / 2)
    let columns = weights(longest, offset: left, count: image.width)
    let rows = weights(longest, offset: top, count: image.height)
    var result: [UInt8] = []
    for row in rows {
      for column in columns {
        // Colours weigh as much as they are opaque; what is not covered is ground.
        var (sums, opacity) = ([0.0, 0.0, 0.0], 0.0)
        for (y, rowShare) in row {
          for (x, share) in column {
            let place = (y * image.width + x) * 4
            let weight = rowShare * share * Double(image.pixels[place + 3]) / 255
            opacity += weight
            for channel in 0..<3 { sums[channel] += weight * Double(image.pixels[place + channel]) }
          }
        }
        for sum in sums { result.append(UInt8(min(255, (sum + (1 - opacity) * ground.level).rounded()))) }
      }
    }
    return result
  }

  /// For each pixel of the result the places of a line of `count` that it covers, which begins at an offset within `length`, with
  /// their shares of the pixel.
  private func weights(_ length: Int, offset: Int, count: Int) -> [[(place: Int, share: Double)]] {
    let step = Double(length) / Double(side)
    return (0..<side).map { pixel in
      let start = Double(pixel) * step - Double(offset)
      return (0..<count).compactMap { place in
        let covered = min(start + step, Double(place + 1)) - max(start, Double(place))
        return covered > 0 ? (place, covered / step) : nil
      }
    }
  }
}
