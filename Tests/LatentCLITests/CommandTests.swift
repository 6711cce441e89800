import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentCLI

/// Every command as a user runs it.
@Suite(.serialized) struct CommandTests {
  @Test func aRunIsTrainedMeasuredAndLookedAt() throws {
    let small = try SmallRun()
    let training = try small.train(epochs: 3, ["--test-every", "1", "--validation", "20", "--json"])
    #expect(training.errors.contains("epoch 3/3  train"))
    #expect(training.errors.contains("epoch 3/3  validation"))
    #expect(!training.errors.contains("\u{1B}"))
    #expect(try training.json()["split"] as? String == "validation")
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: small.run).map { $0.prefix(10) })
    #expect(names == ["checkpoint", "config.jso", "events.out", "metrics.js", "samples"])

    let figures = try LatentProgramRun(["evaluate", small.run, "--samples", "20", "--limit", "50", "--json"]).json()
    let (elbo, nll) = (figures["elbo"] as? Double ?? 0, figures["nll"] as? Double ?? 0)
    #expect(elbo < 0 && nll > 0 && nll < -elbo + 1)
    #expect(figures["examples"] as? Int == 50)
    #expect(figures["samples"] as? Int == 20)
    #expect(figures["split"] as? String == "train")
    #expect(abs((figures["rate"] as? Double ?? 0) + (figures["distortion"] as? Double ?? 0) + elbo) < 1e-6)
    let table = try LatentProgramRun(["evaluate", small.run, "--samples", "5", "--limit", "50"])
    #expect(table.output.contains("nats per example") && table.output.contains("±"))

    for (command, width) in [("sample", 8), ("reconstruct", 10), ("interpolate", 10), ("traverse", 11)] {
      let picture = small.folder.file(command + ".png")
      let result = try LatentProgramRun([command, small.run, "--out", picture])
      #expect(result.status == 0, "\(result.errors)")
      let image = try PNG.read(contentsOf: picture)
      #expect(image.width == width * 96 + (width + 1) * 2)
    }
  }

  /// The rate is that of the model, whatever its prior, in both commands.
  @Test(arguments: [
    ["--set", "model.prior.kind=mixture"], ["--set", "model.prior.kind=realNVP", "--set", "model.prior.hidden=[8]"],
    ["--set", "model.encoder.posterior.kind=planarFlow"], [],
    ["--set", "model.hierarchy.layers=[{\"latents\": 3, \"hidden\": [8]}]"],
  ])
  func theRateOfDiagnoseIsThatOfEvaluate(_ settings: [String]) throws {
    let small = try SmallRun()
    try small.train("vae", settings)
    let evaluated = try LatentProgramRun(["evaluate", small.run, "--samples", "1", "--json"]).json()
    let diagnosed = try LatentProgramRun(["diagnose", small.run, "--json"]).json()
    let rate = try #require(diagnosed["rate"] as? Double)
    #expect(rate == evaluated["rate"] as? Double)
    let table = try LatentProgramRun(["diagnose", small.run])
    #expect(table.status == 0)
    #expect(
      table.output.contains(String(format: "rate: %.2f nats", rate) + ", KL(q(z|x) || p(z)) from the model's own prior")
    )
  }

  @Test func codesGoOutAndComeBack() throws {
    let small = try SmallRun()
    try small.train()
    let (codes, images) = (small.folder.file("z.npy"), small.folder.file("x.npy"))
    #expect(try LatentProgramRun(["encode", small.run, "--data", small.data, "--out", codes]).status == 0)
    #expect(try NPY.read(contentsOf: codes).shape == [200, 20])
    #expect(try LatentProgramRun(["decode", small.run, codes, "--out", images]).status == 0)
    let reconstructions = small.folder.file("r.npy")
    #expect(
      try LatentProgramRun(["reconstruct", small.run, "--count", "200", "--out", reconstructions]).status == 0)
    #expect(try NPY.read(contentsOf: images) == NPY.read(contentsOf: reconstructions))
  }

  @Test func wholeCodesGoOutAndComeBack() throws {
    let small = try SmallRun()
    try small.train(
      "rvq", epochs: 1, ["--set", "model.encoder.network.hidden=[]", "--set", "model.decoder.network.hidden=[]"])
    let (codes, images) = (small.folder.file("c.npy"), small.folder.file("x.npy"))
    #expect(try LatentProgramRun(["encode", small.run, "--data", small.data, "--out", codes]).status == 0)
    let array = try NPY.read(contentsOf: codes)
    #expect(array.shape.count == 3 && array.shape[0] == 200 && array.shape[2] == 4 && array.type == .int32)
    #expect(try LatentProgramRun(["decode", small.run, codes, "--out", images]).status == 0)
    let reconstructions = small.folder.file("r.npy")
    #expect(
      try LatentProgramRun(["reconstruct", small.run, "--count", "200", "--out", reconstructions]).status == 0)
    #expect(try NPY.read(contentsOf: images) == NPY.read(contentsOf: reconstructions))
    // The first stages alone, and a code that no book has.
    let (coarse, wrong) = (small.folder.file("coarse.npy"), small.folder.file("wrong.npy"))
    try NPY.write(
      NumericArray(floats: [Float](repeating: 0, count: 3 * array.shape[1]), shape: [3, array.shape[1], 1]), to: coarse,
      overwrite: false)
    #expect(try LatentProgramRun(["decode", small.run, coarse, "--out", small.folder.file("y.npy")]).status == 0)
    try NPY.write(
      NumericArray(floats: [Float](repeating: 256, count: 4 * array.shape[1]), shape: [1, array.shape[1], 4]),
      to: wrong,
      overwrite: false)
    let refused = try LatentProgramRun(["decode", small.run, wrong, "--out", small.folder.file("w.npy")])
    #expect(refused.status == 2 && refused.errors.contains("There is no code 256 among 256"))
  }

  @Test func aPriorIsLearnedOfTheCodesOfARun() throws {
    let small = try SmallRun()
    let plain = ["--set", "model.encoder.network.hidden=[]", "--set", "model.decoder.network.hidden=[]"]
    try small.train(
      "vq-vae", epochs: 1,
      plain + [
        "--set", "model.encoder.network.channels=[8]",
        "--set", "model.decoder.network.channels=[8]",
      ])
    let prior = small.folder.file("prior")
    let training = try LatentProgramRun(
      [
        "train", "transformer-prior", "--autoencoder", small.run, "--epochs", "2", "--batch-size", "50", "--out", prior,
        "--set", "model.prior.network.features=16", "--set", "model.prior.network.blocks=1",
      ])
    #expect(training.status == 0 && training.errors.contains("epoch 2/2  train       rate"), "\(training.errors)")
    let figures = try ["evaluate", "evaluate"].enumerated().map { index, command in
      try LatentProgramRun([command, index == 0 ? small.run : prior, "--samples", "1", "--json"]).json()
    }
    #expect(figures[0]["distortion"] as? Double == figures[1]["distortion"] as? Double)
    #expect(figures[1]["rate"] as? Double ?? 0 < figures[0]["rate"] as? Double ?? 0)
    for (name, more) in [("a", []), ("b", ["--temperature", "0.5", "--top-k", "3"])] {
      let result = try LatentProgramRun(
        ["sample", prior, "--count", "9", "--out", small.folder.file("\(name).npy")] + more)
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try NPY.read(contentsOf: small.folder.file("a.npy")) != NPY.read(contentsOf: small.folder.file("b.npy")))
    for command in ["interpolate", "reconstruct"] {
      let result = try LatentProgramRun([command, prior, "--out", small.folder.file(command + ".png")])
      #expect(result.status == 0, "\(result.errors)")
    }
    let alone = try LatentProgramRun(["train", "pixelcnn-prior", "--data", small.data])
    #expect(alone.status == 2 && alone.errors.contains("Give --autoencoder RUN"))
  }

  @Test func anExactModelDrawsGoesOnAndHasNoLatents() throws {
    let small = try SmallRun()
    let training = try LatentProgramRun(
      [
        "train", "made", "--data", small.data, "--epochs", "2", "--batch-size", "50", "--out", small.run,
        "--set", "model.decoder.likelihood.network.hidden=[64]",
      ])
    #expect(training.status == 0, "\(training.errors)")
    let figures = try LatentProgramRun(["evaluate", small.run, "--samples", "7", "--json"]).json()
    let (elbo, nll) = (figures["elbo"] as? Double ?? 0, figures["nll"] as? Double ?? 1)
    #expect(abs(elbo + nll) < 1e-3 && figures["rate"] as? Double == 0)
    #expect(figures["nll_bound"] as? String == "exact" && figures["samples"] as? Int == 1)
    let (whole, rest, cold) = (small.folder.file("a.npy"), small.folder.file("b.npy"), small.folder.file("c.npy"))
    #expect(try LatentProgramRun(["sample", small.run, "--count", "5", "--out", whole]).status == 0)
    #expect(
      try LatentProgramRun(
        ["sample", small.run, "--count", "5", "--out", rest, "--seed", "3", "--complete", whole, "--known", "0.75"])
        .status == 0)
    #expect(
      try LatentProgramRun(["sample", small.run, "--count", "5", "--out", cold, "--top-k", "1"]).status == 0)
    let (before, after, likeliest) = (try rows(whole), try rows(rest), try rows(cold))
    for (one, other) in zip(before, after) { #expect(one.prefix(48) == other.prefix(48)) }
    #expect(before != after && before[0] != before[1] && likeliest[0] == likeliest[4])
    let refused =
      [
        ["encode", small.run], ["reconstruct", small.run], ["interpolate", small.run], ["traverse", small.run],
        ["decode", small.run, whole], ["sample", small.run, "--sampler", "gmm"],
      ].map { $0 + ["--out", small.folder.file("refused.npy")] } + [["evaluate", small.run, "--factors", "sprites"]]
    for command in refused {
      let result = try LatentProgramRun(command)
      #expect(result.status == 2 && result.errors.contains("The model has no latents"), "\(command): \(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: small.folder.file("refused.npy")))
  }

  /// The values of each row of a .npy file.
  private func rows(_ path: String) throws -> [[Float]] {
    let array = try NPY.read(contentsOf: path)
    let values = array.floats()
    let width = values.count / array.shape[0]
    return (0..<array.shape[0]).map { Array(values[($0 * width)..<(($0 + 1) * width)]) }
  }

  private func distance(_ left: [Float], _ right: [Float]) -> Float {
    zip(left, right).reduce(left.count == right.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) }
  }

  @Test func aWayGoesFromOneReconstructionToTheOther() throws {
    let small = try SmallRun()
    try small.train(epochs: 4)
    let (ways, ends) = (small.folder.file("ways.npy"), small.folder.file("ends.npy"))
    let result = try LatentProgramRun(["interpolate", small.run, "--rows", "3", "--steps", "4", "--out", ways])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try LatentProgramRun(["reconstruct", small.run, "--count", "6", "--out", ends]).status == 0)
    let (pictures, reconstructions) = (try rows(ways), try rows(ends))
    try #require(pictures.count == 12 && reconstructions.count == 6)
    for row in 0..<3 {
      #expect(distance(pictures[4 * row], reconstructions[2 * row]) < 1e-5)
      #expect(distance(pictures[4 * row + 3], reconstructions[2 * row + 1]) < 1e-5)
    }
  }

  @Test func aTraversalVariesOneLatentInARow() throws {
    let small = try SmallRun()
    try small.train("vae-2d", epochs: 4)
    let (codes, changed) = (small.folder.file("z.npy"), small.folder.file("changed.npy"))
    let (rowsOfPictures, expected) = (small.folder.file("rows.npy"), small.folder.file("expected.npy"))
    #expect(try LatentProgramRun(["encode", small.run, "--data", small.data, "--out", codes]).status == 0)
    let code = try rows(codes)[5]
    let grid: [Float] = [-2, 0, 2]
    let values = grid.flatMap { [$0, code[1]] } + grid.flatMap { [code[0], $0] }
    try NPY.write(NumericArray(floats: values, shape: [6, 2]), to: changed, overwrite: false)
    let traversal = try LatentProgramRun([
      "traverse", small.run, "--example", "5", "--range", "2", "--steps", "3", "--out", rowsOfPictures,
    ])
    #expect(traversal.status == 0, "\(traversal.errors)")
    #expect(try LatentProgramRun(["decode", small.run, changed, "--out", expected]).status == 0)
    let (found, wanted) = (try rows(rowsOfPictures), try rows(expected))
    #expect(found.count == 6 && wanted.count == 6)
    for (left, right) in zip(found, wanted) { #expect(distance(left, right) < 1e-5) }
  }

  @Test func twoLatentsHaveAPlane() throws {
    let small = try SmallRun()
    try small.train("vae-2d")
    let picture = small.folder.file("plane.png")
    #expect(try LatentProgramRun(["manifold", small.run, "--side", "5", "--out", picture]).status == 0)
    #expect(try PNG.read(contentsOf: picture).height == 5 * 96 + 12)
  }

  @Test(arguments: ["ae", "vae-gaussian"])
  func otherPresetsGoTheSameWay(_ preset: String) throws {
    let small = try SmallRun()
    try small.train(preset)
    let figures = try LatentProgramRun(["evaluate", small.run, "--samples", "5", "--json"]).json()
    #expect(figures["distortion"] is Double)
    #expect((figures["nll"] is Double) == (preset != "ae"))
    #expect(try LatentProgramRun(["sample", small.run]).status == (preset == "ae" ? 2 : 0))
  }

  @Test func theSameCommandGivesTheSameBytesAndResumingIsAsIfNeverStopped() throws {
    let small = try SmallRun()
    try small.train(epochs: 4, ["--seed", "3"])
    try small.train(epochs: 4, out: small.folder.file("again"), ["--seed", "3"])
    try small.train(epochs: 2, out: small.folder.file("parts"), ["--seed", "3"])
    let resumed = try LatentProgramRun(["train", "--resume", small.folder.file("parts"), "--epochs", "4"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    let whole = try small.bytes("run/checkpoints/latest.safetensors")
    #expect(try small.bytes("again/checkpoints/latest.safetensors") == whole)
    #expect(try small.bytes("parts/checkpoints/latest.safetensors") == whole)
    #expect(try small.bytes("parts/config.json") == small.bytes("run/config.json"))
  }

  @Test func aRunCanBeginWithTheWeightsOfAnother() throws {
    let small = try SmallRun()
    try small.train(epochs: 8)
    let next = small.folder.file("next")
    try small.train(out: next, ["--from", small.run, "--set", "objective.beta=4"])
    try small.train(out: small.folder.file("cold"), ["--set", "objective.beta=4"])
    func firstDistortion(_ run: String) throws -> Double {
      let lines = try String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8).split(separator: "\n")
      let first = try JSONSerialization.jsonObject(with: Data(#require(lines.first).utf8)) as? [String: Any]
      return try #require(first?["distortion"] as? Double)
    }
    #expect(try firstDistortion(next) < firstDistortion(small.folder.file("cold")))
    #expect(try RunFolder(path: next).configuration().startedFrom == small.run)
    // Its configuration can be used again, and begins at the same place.
    let again = small.folder.file("again")
    let program = try LatentProgramRun(["train", "--config", next + "/config.json", "--out", again])
    #expect(program.status == 0, "\(program.errors)")
    #expect(
      try small.bytes("again/checkpoints/latest.safetensors") == small.bytes("next/checkpoints/latest.safetensors"))
    // Where it began is not needed any more.
    try FileManager.default.removeItem(atPath: small.run)
    let resumed = try LatentProgramRun(["train", "--resume", next, "--epochs", "3"])
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test func aRunCanBeMoved() throws {
    let small = try SmallRun()
    try small.train()
    try FileManager.default.moveItem(atPath: small.run, toPath: small.folder.file("elsewhere"))
    #expect(try LatentProgramRun(["sample", small.folder.file("elsewhere"), "--count", "4"]).status == 0)
  }

  @Test func samplesFollowTheirSeed() throws {
    let small = try SmallRun()
    try small.train()
    for (name, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
      let out = small.folder.file(name + ".npy")
      #expect(try LatentProgramRun(["sample", small.run, "--seed", seed, "--out", out]).status == 0)
    }
    #expect(try small.bytes("a.npy") == small.bytes("b.npy"))
    #expect(try small.bytes("a.npy") != small.bytes("c.npy"))
  }

  @Test(arguments: LatentProgram.commands.map { $0.specification.name })
  func everyCommandHelpsWithAnExample(_ command: String) throws {
    let help = try LatentProgramRun([command, "--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("Usage: latent \(command)"))
    #expect(help.output.contains("Example:\n  latent \(command)"))
    #expect(try LatentProgramRun(["help", command]).output == help.output)
    #expect(try LatentProgramRun(["--help"]).output.contains("\n  \(command) "))
  }

  /// A help text that promises what is decoded: an option that it does not name is refused, and each has its line.
  @Test(arguments: LatentProgram.commands.map { $0.specification.name })
  func everyCommandRefusesWhatItsHelpDoesNotName(_ command: String) throws {
    let specification = try #require(LatentProgram.commands.first { $0.specification.name == command }?.specification)
    let help = try LatentProgramRun([command, "--help"]).output
    for option in specification.options { #expect(help.contains("\n  \(option.name) ")) }
    let refused = try LatentProgramRun([command, "--no-such-option"])
    #expect(refused.status == 2)
    #expect(refused.errors.contains("--no-such-option"))
  }

  @Test func aProfileNamesItsStepsAndCanBeTraced() throws {
    let folder = try TemporaryFolder()
    let trace = folder.file("trace.json")
    let profile = try LatentProgramRun(["profile", "vae", "--batch-size", "10", "--trace", trace])
    #expect(profile.output.contains("GFLOP/s") && profile.output.contains("decoder/output"))
    let events = try JSONSerialization.jsonObject(with: FileReading.data(at: trace)) as? [String: Any]
    #expect(((events?["traceEvents"] as? [Any])?.count ?? 0) > 10)
    #expect(try LatentProgramRun(["profile", "vea"]).errors.contains("Did you mean vae?"))
  }

  @Test func listsSayWhatThereIs() throws {
    let presets = try LatentProgramRun(["presets"]).output
    for preset in Preset.all { #expect(presets.contains(preset.name) && presets.contains(preset.paper)) }
    let kinds = try LatentProgramRun(["presets", "--kinds"]).output
    for type in Families.builtIn.types {
      #expect(kinds.contains("  \(type.kind) ") && kinds.contains(type.name.summary))
    }
    #expect(kinds.contains("model.decoder.network.architecture\n"))
    let json = try LatentProgramRun(["presets", "vae-conv"]).json()
    #expect(json["preset"] as? String == "vae-conv")
    let data = try LatentProgramRun(["data", "list"]).output
    for dataset in NamedDataset.all { #expect(data.contains(dataset.name)) }
    #expect(try LatentProgramRun(["data", "info", "mnist"]).output.contains("60000 examples"))
    #expect(try LatentProgramRun(["version"]).output == "latent \(latentVersion)\n")
  }
}
