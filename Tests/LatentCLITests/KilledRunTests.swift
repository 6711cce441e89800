import Foundation
import Latent
import TestSupport
import Testing

/// A run that was killed at any of its calls that change files can be begun again by the same command, or resumed.
@Suite(.serialized) struct KilledRunTests {
  /// The library that kills, made by the C compiler that comes with Swift.
  private static func killSwitch(in folder: TemporaryFolder) throws -> String {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("KillSwitch/kill-switch.c").path
    let library = folder.file("kill-switch.so")
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    return library
  }

  /// Which calls: all of them, or with less patience every fourth.
  private static let calls = stride(from: 1, through: 200, by: isThorough ? 1 : 4)

  private static func words(_ small: SmallRun, out: String) -> [String] {
    [
      "train", "vae", "--data", small.data, "--epochs", "2", "--out", out, "--validation", "50", "--set", "patience=9",
    ] + SmallRun.small
  }

  @Test func aKilledRunIsBegunAgainOrResumed() throws {
    let small = try SmallRun()
    let library = try Self.killSwitch(in: small.folder)
    #expect(try LatentProgramRun(Self.words(small, out: small.run)).status == 0)
    let whole = try small.bytes("run/checkpoints/latest.safetensors")
    var killed = 0
    for call in Self.calls {
      let out = small.folder.file("killed-\(call)")
      let environment = ["LD_PRELOAD": library, "LATENT_KILL_AT": "\(call)"]
      let first = try LatentProgramRun(Self.words(small, out: out), environment: environment)
      guard first.status == 99 else { break }
      killed += 1
      // By turns as a user would, who may not know how far it came.
      let again = try LatentProgramRun(Self.words(small, out: out))
      if again.status != 0 {
        #expect(again.errors.contains("holds a run already"), "call \(call): \(again.errors)")
        let resumed = try LatentProgramRun(["train", "--resume", out])
        #expect(
          resumed.status == 0 || resumed.errors.contains("has its 2 epochs already"), "call \(call): \(resumed.errors)")
      }
      let run = RunFolder(path: out)
      #expect(try FileReading.data(at: run.checkpointPath) == whole, "call \(call)")
      #expect(try LatentProgramRun(["verify", out]).status == 0, "call \(call)")
      #expect(FileManager.default.fileExists(atPath: run.samplesPath + "/reconstructions.png"), "call \(call)")
      let left = try FileManager.default.subpathsOfDirectory(atPath: out)
      #expect(left.filter { $0.contains(".latent-") || $0.contains(".repl") } == [], "call \(call)")
      try FileManager.default.removeItem(atPath: out)
    }
    #expect(killed > (isThorough ? 40 : 10), "\(killed) calls that change files")
  }

  @Test func aRunThatIsReplacedIsThereUntilTheNewOneIs() throws {
    let small = try SmallRun()
    let library = try Self.killSwitch(in: small.folder)
    #expect(try LatentProgramRun(Self.words(small, out: small.folder.file("new"))).status == 0)
    let new = try small.bytes("new/checkpoints/latest.safetensors")
    try small.train(epochs: 1, ["--seed", "7"])
    let old = try small.bytes("run/checkpoints/latest.safetensors")
    let saved = small.folder.file("saved")
    try FileManager.default.copyItem(atPath: small.run, toPath: saved)
    var killed = 0
    for call in Self.calls {
      let environment = ["LD_PRELOAD": library, "LATENT_KILL_AT": "\(call)"]
      let force = Self.words(small, out: small.run) + ["--force"]
      guard try LatentProgramRun(force, environment: environment).status == 99 else { break }
      killed += 1
      // Whatever is asked next puts the old run back, unless the new one has a checkpoint.
      let asked = try LatentProgramRun(Self.words(small, out: small.run))
      #expect(asked.status == 2 && asked.errors.contains("holds a run already"), "call \(call): \(asked.errors)")
      #expect(try LatentProgramRun(["verify", small.run]).status == 0, "call \(call)")
      let bytes = try small.bytes("run/checkpoints/latest.safetensors")
      let seed = try RunFolder(path: small.run).configuration().seed
      #expect(seed == 7 ? bytes == old : bytes != old, "call \(call)")
      #expect(try LatentProgramRun(force).status == 0, "call \(call)")
      #expect(try small.bytes("run/checkpoints/latest.safetensors") == new, "call \(call)")
      try FileManager.default.removeItem(atPath: small.run)
      try FileManager.default.copyItem(atPath: saved, toPath: small.run)
    }
    #expect(killed > (isThorough ? 60 : 15), "\(killed) calls that change files")
  }
}
