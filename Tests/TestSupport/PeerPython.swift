import Foundation

/// The benchmark's Python, `.venv` in the repository's root, where it is installed (`Benchmarks/prepare.sh`).
public enum PeerPython {
  private static let executable = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".venv/bin/python")

  /// Whether it can be asked, and has modules.
  public static func has(_ modules: String...) -> Bool {
    (try? output("import " + modules.joined(separator: ", "), "")) != nil
  }

  /// What a script prints, as numbers, when it is given numbers as `x`, a list of lists.
  public static func run(_ script: String, _ numbers: [[Double]]) throws -> [[Double]] {
    let input = String(decoding: try JSONEncoder().encode(numbers), as: UTF8.self)
    let text = try output("import sys, json\nx = json.load(sys.stdin)\n" + script, input)
    return text.isEmpty ? [] : try JSONDecoder().decode([[Double]].self, from: text)
  }

  /// What a script prints, as numbers, when it is given words as `sys.argv[1:]`.
  public static func run(_ script: String, words: [String]) throws -> [Double] {
    try JSONDecoder().decode([Double].self, from: output("import sys, json\n" + script, "", words))
  }

  private static func output(_ script: String, _ text: String, _ words: [String] = []) throws -> Data {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = executable
    process.arguments = ["-c", script] + words
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    let result = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return result
  }
}

/// PyTorch in the benchmark's Python.
public enum PyTorch {
  /// Whether it can be asked.
  public static let isInstalled = PeerPython.has("torch")

  /// What a script prints, as numbers, when it is given numbers as `x`, a list of lists.
  public static func run(_ script: String, _ numbers: [[Double]]) throws -> [[Double]] {
    try PeerPython.run(script, numbers)
  }
}
