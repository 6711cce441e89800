import CLatentZlib
import Foundation
import LatentDiagnostics

/// A zip archive of files as they are, each of which begins at a multiple of 64 bytes.
///
/// Files and archives of 4 GB or more have the wider fields that ZIP64 gives them (APPNOTE 6.3.10, section 4.5.3).
struct ZipWriter {
  private var body = Data()
  private var directory = Data()
  private var count = 0

  /// Adds a file.
  mutating func add(_ name: String, _ content: Data) {
    let start = body.count
    let checksum = content.withUnsafeBytes { latent_crc32($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
    let sizes = Self.wide(content.count, content.count)
    // Fills up to the boundary: a field of a kind that readers pass over.
    let before = start + 30 + name.utf8.count + sizes.count + 4
    let filler = Self.field(0x4246, Data(count: (64 - before % 64) % 64))
    body.append(number(0x0403_4B50, 4))
    let common = self.common(checksum, content.count, name.utf8.count)
    body.append(common + number(UInt64(sizes.count + filler.count), 2) + Data(name.utf8) + sizes + filler)
    body.append(content)

    let extra = Self.wide(content.count, content.count, start)
    directory.append(number(0x0201_4B50, 4) + number(45, 2) + common + number(UInt64(extra.count), 2))
    directory.append(number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(UInt64(0xFFFF_FFFF), 4))
    directory.append(Data(name.utf8) + extra)
    count += 1
  }

  /// The whole archive.
  func finished() -> Data {
    var data = body
    let start = UInt64(body.count)
    data.append(directory)
    // The wide record and its locator, then the narrow record that says to look there.
    data.append(number(0x0606_4B50, 4) + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 4) + number(0, 4))
    data.append(number(UInt64(count), 8) + number(UInt64(count), 8))
    data.append(number(UInt64(directory.count), 8) + number(start, 8))
    data.append(number(0x0706_4B50, 4) + number(0, 4) + number(start + UInt64(directory.count), 8) + number(1, 4))
    let narrow = min(UInt64(count), 0xFFFF)
    data.append(number(0x0605_4B50, 4) + number(0, 2) + number(0, 2) + number(narrow, 2) + number(narrow, 2))
    data.append(
      number(min(UInt64(directory.count), 0xFFFF_FFFF), 4) + number(min(start, 0xFFFF_FFFF), 4) + number(0, 2))
    return data
  }

  /// What a file's header and its entry in the directory share: version, flags (names in UTF-8), stored, a date (1980-01-01: the same
  /// contents give the same bytes), checksum, and sizes that stand in the extra field.
  private func common(_ checksum: UInt32, _ size: Int, _ nameCount: Int) -> Data {
    number(45, 2) + number(0x0800, 2) + number(0, 2) + number(0, 2) + number(0x21, 2) + number(UInt64(checksum), 4)
      + number(0xFFFF_FFFF, 4) + number(0xFFFF_FFFF, 4) + number(UInt64(nameCount), 2)
  }

  private static func wide(_ numbers: Int...) -> Data {
    field(1, numbers.reduce(Data()) { $0 + number(UInt64($1), 8) })
  }

  private static func field(_ kind: UInt64, _ content: Data) -> Data {
    number(kind, 2) + number(UInt64(content.count), 2) + content
  }

  private static func number(_ value: UInt64, _ width: Int) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0.prefix(width)) }
  }

  private func number(_ value: UInt64, _ width: Int) -> Data { Self.number(value, width) }
}
