import Foundation
import Testing

/// One run of the program as a user runs it.
public struct LatentProgramRun: Sendable {
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errors: String
  /// Its exit status; a crash is above 2.
  public let status: Int32

  /// Runs the program, or another one that is built with it, and waits for it.
  public init(
    _ arguments: [String], program: String = "latent", folder: String? = nil, environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.path(of: program))
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files rather than pipes, which could fill up and stop the program.
    let streams = try [TemporaryFolder(), TemporaryFolder()]
    let handles = try streams.map { folder in
      try Data().write(to: URL(fileURLWithPath: folder.file("text")))
      return try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("text")))
    }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let texts = try streams.map { try String(contentsOfFile: $0.file("text"), encoding: .utf8) }
    (output, errors, status) = (texts[0], texts[1], process.terminationStatus)
    // A signal's number is small too, and must not pass for an exit status.
    #expect(process.terminationReason == .exit, "latent \(arguments.joined(separator: " ")) crashed: \(texts[1])")
  }

  /// The path of a program, which is beside the test bundle or above it.
  public static func path(of program: String) -> String {
    let words = CommandLine.arguments.map { $0.split(separator: "=").last.map(String.init) ?? $0 }
    for word in words where word.contains(".xctest") || word == words[0] {
      var folder = URL(fileURLWithPath: word)
      for _ in 0..<4 {
        folder = folder.deletingLastPathComponent()
        let candidate = folder.appendingPathComponent(program).path
        if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      }
    }
    return "/\(program) is not beside the tests"
  }

  /// Standard output as one JSON object.
  public func json() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }
}
