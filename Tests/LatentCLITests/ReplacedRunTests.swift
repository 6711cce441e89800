import Foundation
import Latent
import TestSupport
import Testing

/// A run is lost only when another one stands in its place.
@Suite(.serialized) struct ReplacedRunTests {
  /// The bytes of every file below a folder.
  private func contents(_ path: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      result[name] = FileManager.default.contents(atPath: path + "/" + name)
    }
    return result
  }

  /// Wrong values for every option of `latent train`, and trainings that fail later.
  private static let failures: [[String]] = [
    ["--test-every", "0"], ["--epochs", "0"], ["--batch-size", "0"], ["--learning-rate", "-1"], ["--seed", "x"],
    ["--limit", "0"], ["--validation", "0"], ["--validation", "200"], ["--binarize", "maybe"],
    ["--config", "none.json"], ["--autoencoder", "nowhere"], ["--autoencoder", "plane"],
    ["--set", "epochs"], ["--set", "epocs=1"], ["--set", "model.prior.dimensions=0"], ["--threads", "0"],
    ["--precision", "f16"], ["--device", "gpu"], ["--from", "nowhere"], ["--from", "plane"], ["--data", "nowhere"],
    ["--data", "note.txt"], ["--batch-size", "201"], ["--missing=1"], ["--json=1"], ["--quiet=1"], ["--frobnicate"],
    ["--dequantize"],
    ["--size", "0"], ["--size", "64"], ["--fit", "bend"], ["--channels", "2"],
    ["--set", "patience=3"], ["--set", "schedule.kind=plateau"], ["--learning-rate", "1e30"],
  ]

  @Test func aTrainingThatFailsLeavesTheRunThatItWasToReplace() throws {
    let small = try SmallRun()
    try small.train(epochs: 3, ["--seed", "9"])
    try small.train("vae-2d", out: small.folder.file("plane"))
    try "mine".write(toFile: small.run + "/note.txt", atomically: true, encoding: .utf8)
    try "no data".write(toFile: small.folder.file("note.txt"), atomically: true, encoding: .utf8)
    let before = try contents(small.run)
    // Every option that takes a value, or can be given one, has a failure in the table.
    let covered = Set(Self.failures.map { $0[0].split(separator: "=").first.map(String.init) ?? $0[0] })
    let help = try LatentProgramRun(["train", "--help"]).output
    for option in help.split(whereSeparator: \.isWhitespace).map(String.init) where option.hasPrefix("--") {
      let exempt = ["--out", "--force", "--resume", "--data-dir"]
      #expect(
        covered.contains(option.trimmingCharacters(in: .punctuationCharacters.subtracting(["-"])))
          || exempt.contains { option.hasPrefix($0) }, "\(option)")
    }
    for failure in Self.failures {
      let defaults = ["--data", small.data, "--epochs", "2", "--batch-size", "50"]
      let kept = stride(from: 0, to: defaults.count, by: 2).filter { defaults[$0] != failure[0] }
      let words =
        ["train", "vae", "--out", small.run, "--force"] + kept.flatMap { [defaults[$0], defaults[$0 + 1]] } + failure
      let result = try LatentProgramRun(words, folder: small.folder.path)
      #expect([1, 2].contains(result.status), "\(failure): \(result.errors)")
      #expect(try contents(small.run) == before, "\(failure)")
    }
    #expect(try LatentProgramRun(["train", "vae", "--data", small.data, "--out", small.run]).status == 2)
    #expect(try contents(small.run) == before)
    // And one that goes well takes its place, but not the place of what is no part of a run.
    try small.train(epochs: 2, ["--force"])
    #expect(try RunFolder(path: small.run).configuration().epochs == 2)
    #expect(try contents(small.run).keys.filter { $0.hasPrefix(".") }.isEmpty)
    #expect(try contents(small.run)["note.txt"] == Data("mine".utf8))
  }

  @Test func aFullDiskPutsTheOldRunBack() throws {
    let small = try SmallRun()
    try small.train(epochs: 3)
    let before = try contents(small.run)
    // A limit on the size of files: first the checkpoint is too large for it, then everything is.
    for limit in [20, 0] {
      let limited = Process()
      limited.executableURL = URL(fileURLWithPath: "/bin/bash")
      let program = LatentProgramRun.path(of: "latent")
      let words = "train vae --data '\(small.data)' --epochs 1 --out '\(small.run)' --force"
      limited.arguments = ["-c", "trap '' XFSZ; ulimit -f \(limit); exec '\(program)' \(words)"]
      limited.standardError = FileHandle.nullDevice
      try limited.run()
      limited.waitUntilExit()
      #expect(limited.terminationReason == .exit && limited.terminationStatus == 1)
      #expect(try contents(small.run) == before, "\(limit)")
    }
  }

  @Test func whatIsNoRunIsNotTaken() throws {
    let small = try SmallRun()
    let files = FileManager.default
    let mine = small.folder.file("mine")
    // Somebody's own checkpoints, without a run's configuration.
    try files.createDirectory(atPath: mine + "/checkpoints", withIntermediateDirectories: true)
    try "weights".write(toFile: mine + "/checkpoints/best.pt", atomically: true, encoding: .utf8)
    for force in [[], ["--force"]] {
      let refused = try LatentProgramRun(["train", "vae", "--data", small.data, "--out", mine] + force)
      #expect(refused.status == 2 && refused.errors.contains("holds files that are not a run"))
    }
    #expect(files.fileExists(atPath: mine + "/checkpoints/best.pt"))
    // Nor with somebody's own configuration.
    try #"{"model_type": "bert"}"#.write(toFile: mine + "/config.json", atomically: true, encoding: .utf8)
    let before = try contents(mine)
    for force in [[], ["--force"]] {
      let refused = try LatentProgramRun(["train", "vae", "--data", small.data, "--out", mine] + force)
      #expect(refused.status == 2 && refused.errors.contains("holds files that are not a run"))
      #expect(try contents(mine) == before)
    }
    // A trainer takes nothing back that it did not make.
    let wild = RunConfiguration(
      model: smallModel(), optimizer: .adam(learningRate: 1e30), batchSize: 20, epochs: 30)
    let data = Dataset(name: "bars", train: try smallImages(60))
    #expect(throws: LatentError.self) { try Trainer(wild, dataset: data, folder: RunFolder(path: mine)).run() }
    #expect(files.fileExists(atPath: mine + "/checkpoints/best.pt"))
    // Empty folders are no obstacle.
    try files.createDirectory(atPath: small.run + "/checkpoints", withIntermediateDirectories: true)
    try small.train()
  }

  @Test func aRunThatHasLostItsLatestCheckpointIsNotBegunAnew() throws {
    let small = try SmallRun()
    try small.train(epochs: 3, ["--validation", "50", "--set", "patience=9"])
    try FileManager.default.removeItem(atPath: small.run + "/checkpoints/latest.safetensors")
    let before = try contents(small.run)
    let resumed = try LatentProgramRun(["train", "--resume", small.run, "--epochs", "9"])
    #expect(resumed.status == 1 && resumed.errors.contains("has lost its checkpoint"), "\(resumed.errors)")
    let again = try LatentProgramRun(["train", "vae", "--data", small.data, "--out", small.run])
    #expect(again.status == 2 && again.errors.contains("holds a run already"), "\(again.errors)")
    #expect(try contents(small.run) == before)
    #expect(try LatentProgramRun(["evaluate", small.run, "--samples", "2"]).status == 0)
  }

  @Test func twoTrainingsDoNotShareAFolder() throws {
    let small = try SmallRun()
    try small.train()
    let lock = try RunLock(RunFolder(path: small.run))
    for words in [
      ["--resume", small.run, "--epochs", "3"], ["vae", "--data", small.data, "--out", small.run, "--force"],
    ] {
      let result = try LatentProgramRun(["train"] + words)
      #expect(result.status == 1 && result.errors.contains("Another program is training in"), "\(result.errors)")
    }
    withExtendedLifetime(lock) {}
  }
}
