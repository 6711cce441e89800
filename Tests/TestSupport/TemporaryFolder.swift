import Foundation

/// A folder for one test, removed when the test lets go of it.
public final class TemporaryFolder {
  /// Where it lies.
  public let path: String

  /// Makes a folder with a name of its own.
  public init() throws {
    path = NSTemporaryDirectory() + "/latent-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { path + "/" + name }
}
