import LatentDiagnostics
import Foundation

/// Writes whole files so that a reader sees the old contents or the new ones, never a part, whatever happens.
package enum AtomicFile {
  /// Writes a file: to a temporary name in the same folder, synced to the disk, then renamed.
  ///
  /// A device or pipe (`/dev/stdout`) is written to directly; a link is followed; permissions of a replaced file stay.
  ///
  /// - Throws: A `LatentError` naming the file: a usage error when it exists and `overwrite` is false, a failure when
  ///   the folder is missing, the disk is full or read-only, or permission is lacking. No temporary file is left.
  package static func write(_ data: Data, to path: String, overwrite: Bool = true) throws {
    try write(data, to: path, overwrite: overwrite, using: systemWrite)
  }

  /// The system call, as a value so that tests can make it fail.
  typealias WriteCall = (_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int

  static func write(_ data: Data, to path: String, overwrite: Bool, using call: WriteCall) throws {
    guard !path.isEmpty else {
      throw LatentError.usage("The name of the file to write is empty", remedy: "Give the file a name")
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw FileProblem.writing(path, EISDIR) }
    if exists, kind != S_IFREG { return try writeThrough(data, path, call) }
    if exists, !overwrite { throw FileProblem.exists(path) }

    let target = exists ? resolved(path) : path
    let folder = (target as NSString).deletingLastPathComponent
    let (descriptor, temporary) = try makeTemporary(in: folder, for: path)
    var finished = false
    defer { if !finished { unlink(temporary) } }
    do {
      defer { close(descriptor) }
      if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
      try writeFully(data, to: descriptor, path: path, using: call)
      guard fsync(descriptor) == 0 else { throw FileProblem.writing(path, errno) }
    }
    if overwrite {
      guard rename(temporary, target) == 0 else { throw FileProblem.writing(path, errno) }
    } else {
      try publish(temporary, as: target)
    }
    finished = true
    syncFolder(folder)
  }

  /// Writes all bytes, however many calls it takes.
  static func writeFully(_ data: Data, to descriptor: Int32, path: String, using call: WriteCall = systemWrite) throws {
    try data.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return }
      var done = 0
      while done < raw.count {
        let wrote = call(descriptor, base + done, raw.count - done)
        if wrote < 0, errno == EINTR { continue }
        guard wrote > 0 else { throw FileProblem.writing(path, wrote == 0 ? ENOSPC : errno) }
        done += wrote
      }
    }
  }

  private static func writeThrough(_ data: Data, _ path: String, _ call: WriteCall) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem.writing(path, errno) }
    defer { close(descriptor) }
    try writeFully(data, to: descriptor, path: path, using: call)
  }

  /// Removes the temporary files that programs which were stopped from outside have left in a folder.
  package static func removeLeftovers(in folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let parts = name.split(separator: "-")
      guard parts.count == 3, parts[0] == ".latent", name.hasSuffix(".tmp"), let process = Int32(parts[1]) else {
        continue
      }
      // The file of a program that still runs is its own.
      let isRunning = process == getpid() || kill(process, 0) == 0 || errno == EPERM
      if !isRunning { unlink((folder as NSString).appendingPathComponent(name)) }
    }
  }

  private static func makeTemporary(in folder: String, for path: String) throws -> (Int32, String) {
    // Not derived from the file's own name, which may already be as long as names can be.
    for _ in 0..<100 {
      let name = ".latent-\(getpid())-\(String(UInt32.random(in: 0 ... .max), radix: 16)).tmp"
      let temporary = folder.isEmpty ? name : (folder as NSString).appendingPathComponent(name)
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      if errno != EEXIST { throw FileProblem.writing(path, errno) }
    }
    throw FileProblem.writing(path, EEXIST)
  }

  /// Gives the temporary file its name unless something has taken the name meanwhile.
  private static func publish(_ temporary: String, as target: String) throws {
    if link(temporary, target) == 0 {
      unlink(temporary)
      return
    }
    if errno == EEXIST { throw FileProblem.exists(target) }
    // Some file systems have no hard links.
    guard rename(temporary, target) == 0 else { throw FileProblem.writing(target, errno) }
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Makes the rename itself durable; some file systems refuse this, and the file is whole either way.
  private static func syncFolder(_ folder: String) {
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }
}

/// `write(2)` under a name that the methods above do not shadow.
func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
