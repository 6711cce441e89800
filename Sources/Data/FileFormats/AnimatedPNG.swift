import CLatentZlib
import Foundation
import LatentDiagnostics

/// A moving picture of PNG frames, which repeats for ever (APNG 1.0); what knows PNG alone shows the first frame.
public enum AnimatedPNG {
  /// Writes frames of one size.
  ///
  /// - Parameter milliseconds: how long each is shown.
  /// - Throws: A `LatentError` naming the file when it cannot be written, or is there and may not be replaced.
  public static func write(_ frames: [Image], to path: String, milliseconds: Int = 80, overwrite: Bool) throws {
    try AtomicFile.write(encode(frames, milliseconds: milliseconds), to: path, overwrite: overwrite)
  }

  /// The bytes of a file of frames, of which there must be at least one, all of one size and number of channels.
  public static func encode(_ frames: [Image], milliseconds: Int = 80) throws -> Data {
    guard let first = frames.first else {
      throw LatentError.usage("A moving picture needs a frame", remedy: "Give at least one step")
    }
    require(
      frames.allSatisfy { ($0.width, $0.height, $0.channels) == (first.width, first.height, first.channels) },
      "the frames of a moving picture differ in size")
    let signature = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    var result = signature
    var sequence: UInt32 = 0
    // Which frame, its size and place, how long of a second by two numbers (so many thousandths), and that it replaces all.
    func control() -> Data {
      defer { sequence += 1 }
      return number(sequence) + number(UInt32(first.width)) + number(UInt32(first.height)) + number(0) + number(0)
        + Data([UInt8(milliseconds >> 8 & 255), UInt8(milliseconds & 255), 0x03, 0xE8, 0, 0])
    }
    for (index, frame) in frames.enumerated() {
      for (kind, content) in chunks(try PNG.encode(frame)) {
        switch kind {
        case "IHDR" where index == 0:
          result += chunk(kind, content)
          result += chunk("acTL", number(UInt32(frames.count)) + number(0))
        case "IDAT":
          if index == 0 {
            result += chunk("fcTL", control()) + chunk(kind, content)
          } else {
            result += chunk("fcTL", control())
            result += chunk("fdAT", number(sequence) + content)
            sequence += 1
          }
        default: break
        }
      }
    }
    return result + chunk("IEND", Data())
  }

  /// The chunks of a PNG file, those of its pixels put together.
  private static func chunks(_ data: Data) -> [(String, Data)] {
    var result: [(String, Data)] = []
    let bytes = [UInt8](data)
    var place = 8
    while place + 12 <= bytes.count {
      let count = bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
      let kind = String(decoding: bytes[(place + 4)..<(place + 8)], as: UTF8.self)
      let content = Data(bytes[(place + 8)..<(place + 8 + count)])
      if kind == "IDAT", let last = result.last, last.0 == kind {
        result[result.count - 1].1 += content
      } else {
        result.append((kind, content))
      }
      place += 12 + count
    }
    return result
  }

  private static func chunk(_ kind: String, _ content: Data) -> Data {
    let body = Data(kind.utf8) + content
    let checksum = body.withUnsafeBytes { latent_crc32($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
    return number(UInt32(content.count)) + body + number(checksum)
  }

  private static func number(_ value: UInt32) -> Data { withUnsafeBytes(of: value.bigEndian) { Data($0) } }
}
