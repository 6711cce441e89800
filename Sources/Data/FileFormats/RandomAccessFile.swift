import Foundation
import LatentDiagnostics

/// A file of which parts are read where they lie; several threads may do so at once.
package final class RandomAccessFile: Sendable {
  /// Where it is.
  package let path: String
  /// How many bytes it had when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, a folder, or unreadable.
  package init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem.reading(path, errno) }
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    let problem = isKnown ? EISDIR : errno
    guard isKnown, status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw FileProblem.reading(path, problem)
    }
    (self.descriptor, self.path, size) = (descriptor, path, Int(status.st_size))
  }

  deinit { close(descriptor) }

  /// Fills memory with the bytes from an offset on.
  ///
  /// - Throws: A `LatentError` naming the file when it cannot be read, or ends before.
  package func read(into memory: UnsafeMutableRawBufferPointer, from offset: Int) throws {
    var filled = 0
    while filled < memory.count {
      let got = pread(descriptor, memory.baseAddress?.advanced(by: filled), memory.count - filled, offset + filled)
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw FileProblem.reading(path, errno) }
      if got == 0 {
        throw LatentError.failure(
          "\(path) ends before its contents do: it has become shorter, or was cut short",
          remedy: "Copy or write the file again")
      }
      filled += got
    }
  }

  /// Some of the bytes.
  ///
  /// - Throws: The same as `read`.
  package func bytes(_ range: Range<Int>) throws -> Data {
    var data = Data(count: range.count)
    try data.withUnsafeMutableBytes { try read(into: $0, from: range.lowerBound) }
    return data
  }

  /// Says that bytes will be read soon.
  package func willRead(_ range: Range<Int>) {
    posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_WILLNEED)
  }
}
