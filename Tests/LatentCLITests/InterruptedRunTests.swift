import Foundation
import Latent
import TestSupport
import Testing

/// A training that is told to end by a signal.
@Suite(.serialized) struct InterruptedRunTests {
  @Test(arguments: [SIGINT, SIGTERM])
  func itEndsAfterAStepAndGoesOnAsIfItHadNot(_ signal: Int32) throws {
    let small = try SmallRun()
    let run = RunFolder(path: small.run)
    let errors = small.folder.file("errors")
    try Data().write(to: URL(fileURLWithPath: errors))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: LatentProgramRun.path(of: "latent"))
    process.arguments =
      ["train", "vae", "--data", small.data, "--epochs", "1000000", "--out", run.path] + SmallRun.small
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    while process.isRunning, !FileManager.default.fileExists(atPath: run.checkpointPath) { usleep(1000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
    let message = try String(contentsOfFile: errors, encoding: .utf8)
    #expect(message.contains("the training has stopped; latent train --resume \(run.path) goes on with it"))

    let epochs = "\(try MetricsLog(path: run.metricsPath, keeping: .max).metrics.count + 1)"
    #expect(try LatentProgramRun(["train", "--resume", run.path, "--epochs", epochs]).status == 0)
    try small.train(epochs: Int(epochs) ?? 0, out: small.folder.file("whole"))
    #expect(
      try small.bytes("run/checkpoints/latest.safetensors") == small.bytes("whole/checkpoints/latest.safetensors"))
  }
}
