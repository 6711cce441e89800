import CLatentZlib
import Foundation
import LatentDiagnostics

/// A zip archive, as NumPy's `.npz` files are: entries stored as they are or deflated, with sizes beyond 4 GB.
///
/// Source: APPNOTE 6.3.10 of PKWARE, sections 4.3 to 4.5.
package struct ZipArchive {
  /// A file in the archive.
  package struct Entry: Hashable, Sendable {
    /// What it is called.
    package let name: String
    fileprivate let isDeflated: Bool
    fileprivate let checksum: UInt32
    fileprivate let stored: Int, size: Int, header: Int
  }

  /// The files in it, as its directory lists them.
  package let entries: [Entry]
  private let file: RandomAccessFile

  /// Opens an archive and reads its directory.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, damaged, encrypted, or packed in an unknown way.
  package init(path: String) throws {
    file = try RandomAccessFile(path: path)
    entries = try Self.directory(file)
  }

  /// The bytes of a file in it, decompressed and checked.
  ///
  /// - Throws: A `LatentError` naming archive and file when it is damaged, or larger than the memory.
  package func data(of entry: Entry) throws -> Data {
    guard UInt64(entry.size) < ProcessInfo.processInfo.physicalMemory else {
      throw LatentError.failure(
        "\(entry.name) in \(file.path) is larger than the memory of this machine",
        remedy: "Save it as a .npy file, which is read in parts")
    }
    // No more than deflate can pack: a damaged size is not to take all memory.
    guard entry.isDeflated ? entry.size / 1032 <= entry.stored : entry.size == entry.stored else {
      throw damaged(entry)
    }
    let header = Bytes(try part(entry.header, 30))
    guard header.word(0) == 0x0403_4B50 else { throw damaged(entry) }
    let start = entry.header + 30 + header.half(26) + header.half(28)
    let stored = try part(start, entry.stored)
    var data = stored
    if entry.isDeflated {
      data = Data(count: entry.size)
      let isWhole = stored.withUnsafeBytes { source in
        data.withUnsafeMutableBytes { target in
          latent_inflate_raw(
            source.bindMemory(to: UInt8.self).baseAddress, source.count,
            target.bindMemory(to: UInt8.self).baseAddress, target.count)
        }
      }
      guard isWhole == 1 else { throw damaged(entry) }
    }
    let checksum = data.withUnsafeBytes { latent_crc32($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
    guard data.count == entry.size, checksum == entry.checksum else { throw damaged(entry) }
    return data
  }

  private func part(_ start: Int, _ count: Int) throws -> Data {
    guard start >= 0, count >= 0, start <= file.size, count <= file.size - start else {
      throw Self.malformed(file.path, "it points beyond its end")
    }
    return try file.bytes(start..<(start + count))
  }

  private func damaged(_ entry: Entry) -> LatentError {
    Self.malformed(file.path, "\(entry.name) in it is damaged")
  }

  private static func malformed(_ path: String, _ reason: String) -> LatentError {
    .failure("\(path) is not a sound zip archive: \(reason)", remedy: "Download, copy, or save the file again")
  }

  /// Little-endian numbers.
  private struct Bytes {
    let bytes: [UInt8]

    init(_ data: Data) { bytes = [UInt8](data) }

    func number(_ place: Int, _ width: Int) -> UInt64 {
      guard place >= 0, place + width <= bytes.count else { return 0 }
      return bytes[place..<(place + width)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func half(_ place: Int) -> Int { Int(number(place, 2)) }
    func word(_ place: Int) -> Int { Int(number(place, 4)) }
    func long(_ place: Int) -> Int { Int(clamping: number(place, 8)) }
  }

  private static func directory(_ file: RandomAccessFile) throws -> [Entry] {
    let path = file.path
    // The end record is 22 bytes and a comment of up to 65,535.
    let tailStart = max(0, file.size - 22 - 65_535)
    let tail = Bytes(try file.bytes(tailStart..<file.size))
    guard
      let end = stride(from: tail.bytes.count - 22, through: 0, by: -1).first(where: { tail.word($0) == 0x0605_4B50 })
    else { throw malformed(path, "it has no directory at its end, so that it may be cut short") }
    var (count, size, start) = (tail.half(end + 10), tail.word(end + 12), tail.word(end + 16))
    if end >= 20, tail.word(end - 20) == 0x0706_4B50 {
      // Numbers beyond 32 bits are in a record of their own, which the locator before this one points to.
      let place = tail.long(end - 12)
      guard place >= 0, place <= file.size - 56 else { throw malformed(path, "it points beyond its end") }
      let record = Bytes(try file.bytes(place..<(place + 56)))
      guard record.word(0) == 0x0606_4B50 else { throw malformed(path, "its directory is damaged") }
      (count, size, start) = (record.long(32), record.long(40), record.long(48))
    }
    guard start >= 0, size >= 0, start <= file.size, size <= file.size - start else {
      throw malformed(path, "it points beyond its end")
    }
    let directory = Bytes(try file.bytes(start..<(start + size)))
    var entries: [Entry] = []
    var place = 0
    while entries.count < count {
      guard place + 46 <= directory.bytes.count, directory.word(place) == 0x0201_4B50 else {
        throw malformed(path, "its directory is damaged")
      }
      let (nameCount, extraCount) = (directory.half(place + 28), directory.half(place + 30))
      let next = place + 46 + nameCount + extraCount + directory.half(place + 32)
      guard next <= directory.bytes.count else { throw malformed(path, "its directory is damaged") }
      entries.append(try entry(directory, place, nameCount, extraCount, path))
      place = next
    }
    return entries
  }

  private static func entry(
    _ directory: Bytes, _ place: Int, _ nameCount: Int, _ extraCount: Int, _ path: String
  ) throws -> Entry {
    let nameStart = place + 46
    let name = String(decoding: directory.bytes[nameStart..<(nameStart + nameCount)], as: UTF8.self)
    let method = directory.half(place + 10)
    guard directory.half(place + 8) & 1 == 0, [0, 8].contains(method) else {
      throw LatentError.failure(
        "\(name) in \(path) is encrypted, or packed in a way that is not read",
        remedy: "Save it with numpy.savez or numpy.savez_compressed")
    }
    var sizes = [directory.word(place + 24), directory.word(place + 20), directory.word(place + 42)]
    // Those that do not fit 32 bits stand, in this order, in the extra field of kind 1.
    var extra = nameStart + nameCount
    let extraEnd = extra + extraCount
    while extra + 4 <= extraEnd {
      if directory.half(extra) == 1 {
        var number = extra + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          sizes[index] = directory.long(number)
          number += 8
        }
      }
      extra += 4 + directory.half(extra + 2)
    }
    return Entry(
      name: name, isDeflated: method == 8, checksum: UInt32(directory.word(place + 16)), stored: sizes[1],
      size: sizes[0], header: sizes[2])
  }
}
