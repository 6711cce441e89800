import Foundation
import Latent
import TestSupport
import Testing

/// One flipped bit in what a run keeps is named.
@Suite(.serialized) struct DamageTests {
  @Test(arguments: ["config.json", "checkpoints/latest.safetensors", "samplers/gmm.safetensors"])
  func aFlippedBitIsNamed(_ name: String) throws {
    let small = try SmallRun()
    try small.train(epochs: 1)
    #expect(
      try LatentProgramRun(["sample", small.run, "--sampler", "gmm", "--components", "2"], folder: small.folder.path)
        .status == 0)
    let run = RunFolder(path: small.run)
    let path = small.run + "/" + name
    #expect(try run.verify().contains(path))
    let good = try small.bytes("run/" + name)
    var stream = RandomStream(seed: 1, name: name)
    var found = 0
    for _ in 0..<1000 {
      var bytes = good
      bytes[Int(stream.next() % UInt64(good.count))] ^= UInt8(1) << UInt8(stream.next() % 8)
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        _ = try run.verify()
      } catch let error as LatentError {
        if error.problem.contains(path) { found += 1 }
      }
    }
    #expect(found == 1000)
    try good.write(to: URL(fileURLWithPath: path))
    #expect(try LatentProgramRun(["verify", small.run]).output.contains("sound: \(path)"))
  }

  /// What a command uses, it checks.
  @Test func aDamagedWeightIsNotUsed() throws {
    let small = try SmallRun()
    try small.train(epochs: 1)
    let path = small.run + "/checkpoints/latest.safetensors"
    let good = try FileReading.data(at: path)
    // The model's tensors come first.
    let file = try Safetensors.read(contentsOf: path)
    let weights = file.tensors.filter { !$0.name.hasPrefix("optimizer/") }.reduce(0) { $0 + $1.array.bytes.count }
    let start = good.count - file.tensors.reduce(0) { $0 + $1.array.bytes.count }
    for place in [start, start + weights / 2] {
      var bytes = good
      bytes[place] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
      for command in ["evaluate", "sample", "encode", "diagnose"] {
        let result = try LatentProgramRun([command, small.run])
        #expect(
          result.status == 1 && result.errors.contains("has been changed since it was written"), "\(result.errors)")
      }
    }
  }

  /// A run of before there were checksums goes on.
  @Test func aCheckpointWithoutChecksumsIsRead() throws {
    let small = try SmallRun()
    try small.train(epochs: 1)
    let path = small.run + "/checkpoints/latest.safetensors"
    var contents = try Safetensors.read(contentsOf: path)
    contents.metadata["format"] = "latent-checkpoint-1"
    try contents.write(to: path)
    #expect(try LatentProgramRun(["evaluate", small.run, "--samples", "2"]).status == 0)
    let resumed = try LatentProgramRun(["train", "--resume", small.run, "--epochs", "2"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    // But not one of now that has lost them.
    contents.metadata["format"] = "latent-checkpoint-2"
    try contents.write(to: path)
    #expect(try LatentProgramRun(["evaluate", small.run]).status == 1)
  }

  /// A checkpoint of before there were checksums may have been edited to say anything.
  @Test(arguments: ["\"epoch\":-1", "\"epoch\":4611686018427387904", "\"step\":-3", "\"step\":4611686018427387904"])
  func progressThatCannotBeIsRefused(_ edit: String) throws {
    let small = try SmallRun()
    try small.train(epochs: 1)
    let path = small.run + "/checkpoints/latest.safetensors"
    var contents = try Safetensors.read(contentsOf: path)
    contents.metadata["format"] = "latent-checkpoint-1"
    let progress = try #require(contents.metadata["progress"])
    let key = try #require(edit.split(separator: ":").first)
    let old = try #require(progress.range(of: key + ":[0-9]+", options: .regularExpression))
    contents.metadata["progress"] = progress.replacingCharacters(in: old, with: edit)
    try contents.write(to: path)
    for words in [["sample", small.run], ["train", "--resume", small.run, "--epochs", "3"], ["verify", small.run]] {
      let result = try LatentProgramRun(words)
      #expect(result.status == 1 && result.errors.contains("which cannot be"), "\(result.errors)")
    }
  }
}
