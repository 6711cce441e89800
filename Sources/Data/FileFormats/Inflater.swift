import CLatentZlib
import LatentDiagnostics
import Foundation

/// Decompresses gzip data piece by piece, so that memory follows what the data really holds.
final class Inflater {
  private let handle: OpaquePointer
  private let input: Data
  private let name: String
  private var position = 0
  private var isFinished = false

  /// Starts at the first byte; `name` is how errors call the data.
  init(_ input: Data, name: String) throws {
    guard let handle = latent_inflater_create() else { throw Self.noMemory(name) }
    self.handle = handle
    self.input = input
    self.name = name
  }

  deinit { latent_inflater_destroy(handle) }

  /// The next bytes: `count` of them, or fewer at the end of the data, where the checksum has been verified.
  func read(upTo count: Int) throws -> Data {
    var output = Data(count: min(count, 1 << 16))
    var filled = 0
    while filled < count, !isFinished {
      if filled == output.count { output.count = min(count, max(1 << 16, output.count * 2)) }
      filled += try step(into: &output, from: filled)
    }
    output.count = filled
    return output
  }

  private func step(into output: inout Data, from filled: Int) throws -> Int {
    var taken = 0
    var made = 0
    let start = position
    let status = input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        latent_inflater_step(
          handle, source.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self), source.count - start,
          &taken, target.baseAddress?.advanced(by: filled).assumingMemoryBound(to: UInt8.self), target.count - filled,
          &made)
      }
    }
    position += taken
    switch status {
    case latent_inflate_end: try endMember()
    case latent_inflate_truncated:
      throw LatentError.failure(
        "\(name) is cut short: its compressed data stops in the middle", remedy: "Download or copy the file again")
    case latent_inflate_corrupt: throw damaged()
    case latent_inflate_no_memory: throw Self.noMemory(name)
    default: break
    }
    return made
  }

  /// A file may hold several members one after another, and zeros as padding, but nothing else.
  private func endMember() throws {
    let rest = input.dropFirst(position)
    if Gzip.isGzip(rest) {
      guard latent_inflater_reset(handle) == 1 else { throw damaged() }
    } else if rest.allSatisfy({ $0 == 0 }) {
      isFinished = true
    } else {
      throw LatentError.failure(
        "\(name) has \(rest.count) bytes after the end of its compressed data",
        remedy: "Download or copy the file again")
    }
  }

  private func damaged() -> LatentError {
    .failure("\(name) is damaged: its compressed data or checksum is wrong", remedy: "Download or copy the file again")
  }

  private static func noMemory(_ name: String) -> LatentError {
    .failure("There is no memory left to decompress \(name)", remedy: "Close other programs, or decompress it by hand")
  }
}
