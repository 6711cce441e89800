import Foundation

/// Runs Python where it is installed, to hold our files against those of others.
enum Python {
  static let hasNumPy = (try? run("import numpy", in: "/")) == 0

  static func run(_ script: String, in folder: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
