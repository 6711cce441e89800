import LatentDiagnostics
import Foundation
import Synchronization

/// Writes scalars, pictures, and histograms to an event file that TensorBoard reads.
///
/// Every record goes to the system at once, so that a run that is killed keeps what it logged.
package final class TensorBoardWriter: Sendable {
  /// The path of the event file.
  package let path: String
  private let descriptor: Int32
  /// Held while a record is written, so that records of several threads do not mix.
  private let turn = Mutex(())

  /// Creates a new event file in a folder, and the folder when it is missing.
  ///
  /// - Throws: A `LatentError` naming the folder or file when it cannot be created.
  package init(folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw LatentError.failure(
        "The folder \(folder) cannot be created", remedy: "Check its parent folder's permissions, or name another")
    }
    let now = Date().timeIntervalSince1970
    let base = (folder as NSString).appendingPathComponent("events.out.tfevents.\(Int(now)).latent")
    // A run resumed within the same second must not add to the other's file.
    var candidate = base
    var opened = Self.create(candidate)
    for number in 1..<1000 where opened < 0 && errno == EEXIST {
      candidate = "\(base).\(number)"
      opened = Self.create(candidate)
    }
    guard opened >= 0 else { throw FileProblem.writing(candidate, errno) }
    path = candidate
    descriptor = opened
    try append(TensorBoardEvent.fileVersion(wallTime: now))
  }

  /// Goes on with the event file of a folder that was begun last; `nil` where there is none.
  ///
  /// - Throws: A `LatentError` naming the file when it cannot be written.
  package init?(goingOnIn folder: String) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    // The seconds in the names have as many digits for centuries to come, so that the last by name is the last.
    guard let last = names.filter({ $0.hasPrefix("events.out.tfevents.") }).max() else { return nil }
    let place = (folder as NSString).appendingPathComponent(last)
    let opened = open(place, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard opened >= 0 else { throw FileProblem.writing(place, errno) }
    (path, descriptor) = (place, opened)
  }

  deinit { close(descriptor) }

  /// Logs one number under a tag at a step, stamped with the present time.
  ///
  /// - Throws: A `LatentError` naming the file when it cannot be written.
  package func scalar(_ tag: String, _ value: Float, step: Int) throws {
    try append(TensorBoardEvent.scalar(tag, value, step: step, wallTime: Date().timeIntervalSince1970))
  }

  /// Shows a picture under a tag at a step.
  ///
  /// - Throws: A `LatentError` naming the file when it cannot be written.
  package func image(_ tag: String, _ image: Image, step: Int) throws {
    try append(
      TensorBoardEvent.image(
        tag, image, png: PNG.encode(image), step: step, wallTime: Date().timeIntervalSince1970))
  }

  /// Shows how numbers, of which there must be some, all finite, are distributed.
  ///
  /// - Throws: A `LatentError` naming the file when it cannot be written.
  package func histogram(_ tag: String, _ values: [Float], step: Int) throws {
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return }
    try append(TensorBoardEvent.histogram(tag, values, step: step, wallTime: Date().timeIntervalSince1970))
  }

  /// Asks the system to put what was logged on the disk.
  package func flush() { _ = fsync(descriptor) }

  private func append(_ event: Data) throws {
    let record = TensorBoardEvent.record(event)
    try turn.withLock { _ in try AtomicFile.writeFully(record, to: descriptor, path: path) }
  }

  private static func create(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
  }
}
