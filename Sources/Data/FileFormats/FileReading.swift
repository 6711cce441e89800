import LatentDiagnostics
import Foundation

/// Reads files, and says in a sentence why one cannot be read.
package enum FileReading {
  /// The contents of a file.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, a folder, unreadable, or larger than the memory.
  package static func data(at path: String) throws -> Data {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem.reading(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileProblem.reading(path, errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileProblem.reading(path, EISDIR) }
    // A sparse file can claim any size: ask before allocating.
    guard status.st_size >= 0, UInt64(status.st_size) < ProcessInfo.processInfo.physicalMemory else {
      throw LatentError.failure(
        "\(path) is larger than the memory of this machine", remedy: "Give a smaller file, or use a larger machine")
    }
    // One byte more than the size, so that the end is seen without growing; pipes say 0 and do grow.
    var data = Data(count: max(Int(status.st_size) + 1, 4096))
    var filled = 0
    while true {
      if filled == data.count { data.count *= 2 }
      let start = filled
      let got = data.withUnsafeMutableBytes { read(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start) }
      if got < 0 {
        if errno == EINTR { continue }
        throw FileProblem.reading(path, errno)
      }
      if got == 0 { break }
      filled += got
    }
    data.count = filled
    return data
  }

  /// The first bytes of a file: `count` of them, or fewer where it ends before.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, a folder, or unreadable.
  package static func prefix(of path: String, _ count: Int) throws -> Data {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem.reading(path, errno) }
    defer { close(descriptor) }
    var data = Data(count: count)
    var filled = 0
    while filled < count {
      let start = filled
      let got = data.withUnsafeMutableBytes { read(descriptor, $0.baseAddress?.advanced(by: start), count - start) }
      if got < 0 {
        if errno == EINTR { continue }
        throw FileProblem.reading(path, errno)
      }
      if got == 0 { break }
      filled += got
    }
    data.count = filled
    return data
  }
}
