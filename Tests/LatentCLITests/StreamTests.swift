import Foundation
import Latent
import TestSupport
import Testing

/// Standard output and error may be full, closed, or without a reader.
@Suite(.serialized) struct StreamTests {
  /// Runs a line of the shell in which PROGRAM stands for the program, and returns its exit status.
  private func status(_ line: String, folder: String) throws -> Int32 {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = [
      "-c", line.replacingOccurrences(of: "PROGRAM", with: "'\(LatentProgramRun.path(of: "latent"))'"),
    ]
    shell.currentDirectoryURL = URL(fileURLWithPath: folder)
    shell.standardError = FileHandle.nullDevice
    shell.standardOutput = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationReason == .exit)
    return shell.terminationStatus
  }

  private static let training =
    "PROGRAM train vae --data bars.npy --epochs 2 --out new " + SmallRun.small.joined(separator: " ")

  /// A message that cannot be written stops nothing.
  @Test(arguments: ["2>/dev/full", "2>&-", "2> >(true)", "<&- >&- 2>&-"])
  func trainingGoesOnWithoutMessages(_ redirection: String) throws {
    let small = try SmallRun()
    try small.train()
    #expect(try status("\(Self.training) \(redirection)", folder: small.folder.path) == 0)
    #expect(
      try small.bytes("new/checkpoints/latest.safetensors") == small.bytes("run/checkpoints/latest.safetensors"))
    // A closed stream has not become one of the run's files.
    let events = try FileManager.default.contentsOfDirectory(atPath: small.folder.file("new"))
      .filter { $0.hasPrefix("events") }
    #expect(events.count == 1)
    for name in events { #expect(try !small.bytes("new/" + name).contains("epoch 1/2".utf8)) }
  }

  /// A result that cannot be written is not there.
  @Test(arguments: [
    "evaluate run --json", "evaluate run", "diagnose run --json", "presets", "presets vae", "version", "--help",
  ])
  func aLostResultIsAFailure(_ command: String) throws {
    let small = try SmallRun()
    try small.train()
    #expect(try status("PROGRAM \(command) >/dev/null", folder: small.folder.path) == 0)
    #expect(try status("PROGRAM \(command) >/dev/full", folder: small.folder.path) == 1)
    #expect(try status("PROGRAM \(command) >&-", folder: small.folder.path) == 1)
  }
}
