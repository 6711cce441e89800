import Foundation

/// The benchmark's Python, `.venv` in the repository's root, where it is installed and has PyTorch.
public enum PyTorch {
  private static let executable = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".venv/bin/python")

  /// Whether it can be asked.
  public static let isInstalled = (try? run("import torch", [])) != nil

  /// What a script prints, as numbers, when it is given numbers as `x`, a list of lists.
  public static func run(_ script: String, _ numbers: [[Double]]) throws -> [[Double]] {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = executable
    process.arguments = ["-c", "import sys, json\nx = json.load(sys.stdin)\n" + script]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(numbers))
    try input.fileHandleForWriting.close()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return text.isEmpty ? [] : try JSONDecoder().decode([[Double]].self, from: text)
  }
}
