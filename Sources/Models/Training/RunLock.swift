import LatentDiagnostics
import Foundation

/// Keeps others from training in a run's folder while this one does; the system lets go of it when the program ends, however.
package final class RunLock {
  private let descriptor: Int32

  /// Takes the folder, or gives `nil` where there is none yet.
  ///
  /// - Throws: `LatentError` when another program trains there.
  package init?(_ folder: RunFolder) throws {
    descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw LatentError.failure(
        "Another program is training in \(folder.path)", remedy: "Wait until it is done, or give --out another name")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
