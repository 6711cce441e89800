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
      filled += try fill(&data, from: filled, descriptor, path)
      if filled < data.count { break }
      data.count *= 2
    }
    data.count = filled
    return data
  }

  /// Whether a path is that of a regular file, of which parts can be read again; a pipe is none.
  package static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The first bytes of a file: `count` of them, or fewer where it ends before.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, a folder, or unreadable.
  package static func prefix(of path: String, _ count: Int) throws -> Data {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem.reading(path, errno) }
    defer { close(descriptor) }
    var data = Data(count: count)
    data.count = try fill(&data, from: 0, descriptor, path)
    return data
  }

  /// Reads to the end of the file or of the data, and says how many bytes came.
  private static func fill(_ data: inout Data, from start: Int, _ descriptor: Int32, _ path: String) throws -> Int {
    var filled = start
    while filled < data.count {
      let place = filled
      let got = data.withUnsafeMutableBytes { read(descriptor, $0.baseAddress?.advanced(by: place), $0.count - place) }
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw FileProblem.reading(path, errno) }
      if got == 0 { break }
      filled += got
    }
    return filled - start
  }
}
