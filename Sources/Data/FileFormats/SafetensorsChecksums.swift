import CLatentZlib
import Foundation

/// Checksums of a safetensors file, kept in its own free texts: of the header, then of each tensor in the header's order.
///
/// CRC-32 finds every flipped bit and every damaged stretch of up to 32 bits. The header's is that of its bytes with eight
/// zeros where it stands itself.
struct SafetensorsChecksums: Equatable {
  /// Where they stand among the free texts.
  static let key = "checksums"

  var header: UInt32
  var tensors: [UInt32]

  init(header: UInt32 = 0, tensors: [UInt32]) {
    self.header = header
    self.tensors = tensors
  }

  init?(_ text: String) {
    let numbers = text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      word.utf8.count == 8 && word == word.lowercased() ? UInt32(word, radix: 16) : nil
    }
    let sound = numbers.compactMap { $0 }
    guard sound.count == numbers.count, let header = sound.first else { return nil }
    self.init(header: header, tensors: Array(sound.dropFirst()))
  }

  /// The numbers as they stand in the file.
  var text: String { ([header] + tensors).map(Self.digits).joined(separator: " ") }

  /// The checksum of bytes.
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    return latent_crc32(base, bytes.count)
  }

  /// The checksum of a header, its own left out; `nil` for a header that has none.
  static func of(header json: Data) -> UInt32? {
    guard let place = place(in: json) else { return nil }
    var json = json
    json.replaceSubrange(place, with: Data(repeating: UInt8(ascii: "0"), count: 8))
    return json.withUnsafeBytes(of)
  }

  /// Writes the header's own checksum into it.
  static func seal(_ json: inout Data) {
    guard let place = place(in: json), let sum = of(header: json) else { return }
    json.replaceSubrange(place, with: Data(digits(sum).utf8))
  }

  /// Where the header's own checksum stands in it.
  private static func place(in json: Data) -> Range<Int>? {
    guard let start = json.range(of: Data("\"\(key)\":\"".utf8))?.upperBound, json.endIndex - start >= 8 else {
      return nil
    }
    return start..<(start + 8)
  }

  private static func digits(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
