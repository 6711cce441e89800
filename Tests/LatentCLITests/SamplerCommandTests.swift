import Foundation
import Latent
import TestSupport
import Testing

/// `latent sample --sampler` as a user runs it.
@Suite(.serialized) struct SamplerCommandTests {
  @Test(arguments: ["vae", "ae"])
  func everySamplerDrawsPicturesAndArrays(_ preset: String) throws {
    let small = try SmallRun()
    try small.train(preset)
    for kind in Families.builtIn.samplers.map({ $0.kind }) {
      let first = try LatentProgramRun(["sample", small.run, "--sampler", kind, "--count", "9"])
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.errors.contains("fitted \(kind) in "))
      let picture = try PNG.read(contentsOf: small.run + "/samples/sample-\(kind)-0.png")
      #expect(picture.width == 3 * 96 + 4 * 2)
      #expect(FileManager.default.fileExists(atPath: small.run + "/samplers/\(kind).safetensors"))
      let arrays = try (0..<2).map { index in
        let out = small.folder.file("\(kind)\(index).npy")
        let result = try LatentProgramRun([
          "sample", small.run, "--sampler", kind, "--count", "9", "--seed", "3", "--out", out,
        ])
        #expect(result.status == 0 && !result.errors.contains("fitted"), "\(result.errors)")
        return try NPY.read(contentsOf: out)
      }
      #expect(arrays[0].shape == [9, 8, 8, 1])
      #expect(arrays[0] == arrays[1])
    }
    let refitted = try LatentProgramRun(["sample", small.run, "--sampler", "gmm", "--refit", "--seed", "4"])
    #expect(refitted.errors.contains("fitted gmm in "))
    let prior = try LatentProgramRun(["sample", small.run, "--sampler", "prior"])
    #expect(prior.status == (preset == "ae" ? 2 : 0))
    if preset == "ae" { #expect(prior.errors.contains("has no prior to draw from. Give --sampler gmm")) }
  }

  @Test func thePriorIsWhatIsDrawnFromUnlessSaidOtherwise() throws {
    let small = try SmallRun()
    try small.train()
    for (name, more) in [("a", []), ("b", ["--sampler", "prior"]), ("c", ["--sampler", "gmm"])] {
      let result = try LatentProgramRun(["sample", small.run, "--out", small.folder.file(name + ".npy")] + more)
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try small.bytes("a.npy") == small.bytes("b.npy"))
    #expect(try small.bytes("a.npy") != small.bytes("c.npy"))
  }

  @Test func aConditionedModelIsDrawnUnderOneLabelOrAll() throws {
    let small = try SmallRun()
    let images = try NPY.read(contentsOf: small.data)
    let folder = small.folder.file("labelled")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try NPY.write(images, to: folder + "/train.npy", overwrite: false)
    let labels = (0..<200).map { UInt8($0 % 3) }
    try NPY.write(
      NumericArray(shape: [200], type: .uint8, bytes: Data(labels)), to: folder + "/train-labels.npy", overwrite: false)
    let training = try LatentProgramRun(
      ["train", "cvae", "--data", folder, "--epochs", "2", "--out", small.run] + SmallRun.small)
    #expect(training.status == 0, "\(training.errors)")
    for (more, count) in [([String](), 12), (["--label", "2"], 14)] {
      let out = small.folder.file("\(count).npy")
      let result = try LatentProgramRun(
        ["sample", small.run, "--sampler", "gmm", "--count", "14", "--out", out] + more)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try NPY.read(contentsOf: out).shape == [count, 8, 8, 1])
    }
    let wrong = try LatentProgramRun(["sample", small.run, "--sampler", "gmm", "--label", "3"])
    #expect(wrong.errors.contains("The model knows no class 3"))
  }

  /// Arguments after `sample RUN`, the exit status, and a part of the message.
  static let table: [([String], Int32, String)] = [
    (["--sampler", "gm"], 2, "--sampler is gm. It can be prior, gmm, maf, iaf, two-stage."),
    (["--sampler"], 2, "--sampler needs a value"),
    (["--sampler", "gmm", "--components", "0"], 2, "--components is 0. Give it a whole number from 1 to 1000."),
    (["--sampler", "maf", "--components", "3"], 2, "Only the sampler gmm has components. Leave out --components"),
    (["--components", "3"], 2, "Only the sampler gmm has components"),
    (["--refit"], 2, "--refit is about a sampler that is fitted to data"),
    (["--data-dir", "/nowhere"], 2, "--data-dir is about a sampler"),
    (["--sampler", "gmm", "--data", "minst"], 1, "Give --data or --data-dir the place of the original data"),
    (["--sampler", "gmm", "--data", "OTHER"], 1, "The data are not those that the run was trained on"),
    (
      ["--sampler", "gmm", "--components", "201"], 2,
      "has 201 components, but there are only 200 codes to fit it to. Give --components 200 or less"
    ),
  ]

  @Test func mistakesGetASentenceAndAStatus() throws {
    let small = try SmallRun()
    try small.train()
    let other = small.folder.file("other.npy")
    try NPY.write(
      NumericArray(floats: [Float](repeating: 0.5, count: 10 * 64), shape: [10, 8, 8, 1]), to: other, overwrite: false)
    for (arguments, status, message) in Self.table {
      let words = arguments.map { $0.replacingOccurrences(of: "OTHER", with: other) }
      let result = try LatentProgramRun(["sample", small.run] + words)
      #expect(result.status == status, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(message), "\(arguments): \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(arguments): \(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: small.run + "/samplers"))
  }

  @Test func aRunWhoseDataAreGoneKeepsTheSamplersThatItHas() throws {
    let small = try SmallRun()
    try small.train()
    #expect(try LatentProgramRun(["sample", small.run, "--sampler", "gmm"]).status == 0)
    let elsewhere = small.folder.file("elsewhere.npy")
    try FileManager.default.moveItem(atPath: small.data, toPath: elsewhere)
    #expect(try LatentProgramRun(["sample", small.run, "--sampler", "gmm", "--seed", "1"]).status == 0)
    let gone = try LatentProgramRun(["sample", small.run, "--sampler", "maf"])
    #expect(gone.status == 1)
    #expect(gone.errors.contains("A sampler is fitted to the run's training data, which cannot be loaded"))
    #expect(gone.errors.contains("Give --data or --data-dir the place of the original data (\(small.data))."))
    let found = try LatentProgramRun(["sample", small.run, "--sampler", "maf", "--data", elsewhere])
    #expect(found.status == 0, "\(found.errors)")
  }

  @Test func tooFewExamplesDamagedFilesAndWildWeightsAreExplained() throws {
    let small = try SmallRun()
    let training = try LatentProgramRun([
      "train", "vae", "--data", small.data, "--epochs", "1", "--out", small.run, "--batch-size", "12", "--set",
      "data.limit=12", "--set", "model.encoder.network.hidden=[16]", "--set", "model.decoder.network.hidden=[16]",
    ])
    #expect(training.status == 0, "\(training.errors)")
    for kind in ["maf", "iaf", "two-stage"] {
      let result = try LatentProgramRun(["sample", small.run, "--sampler", kind])
      #expect(result.status == 2)
      #expect(result.errors.contains("The sampler \(kind) needs 20 codes or more, and there are 12."))
    }
    let mixture = ["sample", small.run, "--sampler", "gmm", "--components", "2", "--force"]
    #expect(try LatentProgramRun(mixture).status == 0)
    let path = small.run + "/samplers/gmm.safetensors"
    try FileReading.data(at: path).prefix(300).write(to: URL(fileURLWithPath: path))
    let damaged = try LatentProgramRun(mixture)
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains(path) && damaged.errors.contains("Give --refit to fit the sampler again."))
    #expect(try LatentProgramRun(mixture + ["--refit"]).status == 0)
    #expect(try LatentProgramRun(mixture).status == 0)

    let checkpoint = small.run + "/checkpoints/latest.safetensors"
    var contents = try Safetensors.read(contentsOf: checkpoint)
    for (index, tensor) in contents.tensors.enumerated() where tensor.name == "encoder/posterior/bias" {
      contents.tensors[index].array = NumericArray(
        floats: [Float](repeating: .nan, count: tensor.array.count), shape: tensor.array.shape)
    }
    try contents.write(to: checkpoint, checksums: true)
    let before = try FileReading.data(at: path)
    let wild = try LatentProgramRun(mixture)
    #expect(wild.status == 1)
    #expect(wild.errors.contains("encoder/posterior/bias with values that are not finite numbers"), "\(wild.errors)")
    #expect(try FileReading.data(at: path) == before)
  }
}
