import Foundation
import LatentDiagnostics

/// NumPy's archive of named arrays (`numpy.savez`).
public enum NPZ {
  /// Writes arrays into one file, each as `NAME.npy`.
  ///
  /// - Throws: A `LatentError` naming the file when it cannot be written, or is there and may not be replaced.
  public static func write(_ arrays: [(name: String, array: NumericArray)], to path: String, overwrite: Bool) throws {
    var archive = ZipWriter()
    for (name, array) in arrays { archive.add(name + ".npy", NPY.encode(array)) }
    try AtomicFile.write(archive.finished(), to: path, overwrite: overwrite)
  }

  /// Reads all arrays of a file.
  ///
  /// - Throws: A `LatentError` naming the file when it is missing, damaged, or no archive.
  public static func read(contentsOf path: String) throws -> [(name: String, array: NumericArray)] {
    guard let archive = try ArrayArchive(path: path) else {
      throw LatentError.failure("\(path) is no archive of arrays", remedy: "Save it with numpy.savez")
    }
    return try archive.names.map { ($0, try archive.read($0)) }
  }
}
