import Foundation
import Latent
import TestSupport
import Testing

/// What goes wrong gets one sentence of what and one of how to mend it, and leaves nothing half-written.
@Suite(.serialized) struct BadInputTests {
  /// Arguments, the exit status, and a part of the message; RUN, DATA, and DIR stand for a run, its data, and a folder.
  static let table: [([String], Int32, String)] = [
    ([], 2, "Usage: latent COMMAND"),
    (["trian"], 2, "There is no command trian. Did you mean `latent train`?"),
    (["train"], 2, "`latent train` needs a preset."),
    (["train", "vea"], 2, "There is no preset vea. Did you mean vae?"),
    (["train", "vae", "--epoch", "3"], 2, "has no option --epoch. Did you mean --epochs?"),
    (["train", "vae", "--epochs"], 2, "--epochs needs a value"),
    (["train", "vae", "--epochs", "0"], 2, "--epochs is 0. Give it a whole number from 1 to 1000000."),
    (["train", "vae", "--epochs", "ten"], 2, "--epochs is ten"),
    (["train", "vae", "--epochs", "2", "--epochs", "3"], 2, "--epochs is given twice"),
    (["train", "vae", "--data", "DATA", "--batch-size", "0"], 2, "--batch-size is 0"),
    (["train", "vae", "--data", "DATA", "--batch-size", "201"], 2, "A batch of 201 is larger than the 200 training"),
    (["train", "vae", "--learning-rate", "nan"], 2, "--learning-rate is nan"),
    (["train", "vae", "--learning-rate", "-1"], 2, "--learning-rate is -1"),
    (["train", "vae", "--data", "DATA", "--binarize", "maybe"], 2, "It can be none, static, stochastic."),
    (["train", "vae", "--data", "minst"], 2, "Did you mean mnist?"),
    (["train", "vae", "--data", "/nowhere/images.npy"], 2, "images.npy"),
    (
      ["train", "vae", "--data", "DATA", "--set", "epocs=3"], 2,
      "--set sets epocs, which does not exist. Did you mean epochs?"
    ),
    (["train", "vae", "--data", "DATA", "--set", "epochs"], 2, "--set epochs has no value"),
    (["evaluate", "RUN", "--votes", "9"], 2, "--votes is of the scores of --factors. Give --factors too."),
    (
      ["evaluate", "RUN", "--factors", "sprites"], 2,
      "have shape [8, 8, 1], sprites have [64, 64, 1]. Give --factors a file"
    ),
    (["evaluate", "RUN", "--factors", "DIR/none.npy"], 1, "none.npy"),
    (["evaluate", "RUN", "--factors", "DATA"], 2, "is no row of factors for each of the split's 200 examples"),
    (["train", "vae", "--data", "DATA", "--config", "DIR/none.json"], 1, "none.json"),
    (["train", "vae", "--data", "DATA", "--precision", "f16"], 2, "--precision is f16. It can be f32, bf16."),
    (
      ["train", "vae", "--data", "DATA", "--set", "model.prior.kind=mixtur"], 2,
      "gives model.prior.kind the value mixtur, which is no prior. Did you mean mixture? It can be standardNormal, normal,"
    ),
    (
      ["train", "vae", "--data", "DATA", "--set", "model.prior.components=3"], 2,
      "--set sets model.prior.components, which does not exist"
    ),
    (
      ["train", "vae", "--data", "DATA", "--set", "model.prior.kind=mixture", "--set", "model.prior.steps=3"], 2,
      "--set sets model.prior.steps, which does not exist"
    ),
    (
      ["train", "vae", "--data", "DATA", "--set", "objective.freeBits.nats=0.5", "--set", "model.prior.kind=mixture"],
      2, "which a prior of kind mixture does not give. Set objective.freeBits.scope=group"
    ),
    (["sample", "RUN", "--temperature", "0.5"], 2, "A temperature is about values that are drawn one after another"),
    (["sample", "RUN", "--top-k", "0"], 2, "--top-k is 0"),
    (["sample", "RUN", "--complete", "DATA"], 2, "Only a model that draws values one after another can go on"),
    (["sample", "RUN", "--known", "0.3"], 2, "--known is about examples to go on with. Give --complete FILE"),
    (["sample", "RUN", "--complete", "DATA", "--known", "1"], 2, "There is nothing to draw where all is known"),
    (
      ["train", "transformer-prior", "--data", "DATA"], 2,
      "transformer-prior is a prior of the latents of a finished run"
    ),
    (["train", "transformer-prior", "--autoencoder", "RUN"], 2, "A prior of kind autoregressiveCodes is about what"),
    (["train", "transformer-prior", "--autoencoder", "DIR/none"], 1, "none"),
    (["train", "made", "--data", "emoji:2"], 2, "There is no data set emoji:2. Write emoji:SIZE"),
    (
      ["train", "made", "--data", "DATA", "--set", "model.decoder.likelihood.context=3"], 2,
      "A likelihood of kind autoregressive needs a decoder. Set model.decoder.network.architecture=mlp"
    ),
    (
      ["train", "made", "--data", "DATA", "--set", "model.decoder.network.architecture=mlp"], 2,
      "The likelihood takes nothing from a decoder. Set model.decoder.network.architecture=none"
    ),
    (
      ["train", "made", "--data", "DATA", "--set", "model.encoder.network.architecture=mlp"], 2,
      "An encoder has nothing to do in a model without latents"
    ),
    (
      ["train", "vae", "--data", "DATA", "--set", "model.encoder.network.architecture=none"], 2,
      "Latents cannot be inferred without an encoder"
    ),
    (
      ["train", "vae", "--data", "DATA", "--set", "model.decoder.network.architecture=none"], 2,
      "A likelihood of kind bernoulli needs a decoder"
    ),
    (
      ["train", "made", "--data", "DATA", "--set", "objective.freeBits.nats=1"], 2,
      "The objective is about latents, which the model has none of"
    ),
    (
      ["train", "made", "--data", "DATA", "--set", "objective.kind=importanceWeighted"], 2,
      "The objective is about latents, which the model has none of"
    ),
    (
      ["train", "made", "--data", "DATA", "--set", "model.decoder.likelihood.patchSize=3"], 2,
      "cannot be cut into squares of 3 pixels a side"
    ),
    (
      ["train", "made", "--data", "DATA", "--set", "model.decoder.likelihood.output.kind=autoregressive"], 2,
      "An autoregressive likelihood is made of a likelihood of single pixels"
    ),
    (
      ["train", "pixel-transformer", "--data", "DATA", "--set", "model.decoder.likelihood.network.heads=5"], 2,
      "96 features cannot be divided between 5 heads"
    ),
    (
      ["train", "pixel-transformer", "--data", "DATA", "--set", "model.decoder.likelihood.patchSize=4"], 2,
      "16 zeros and ones make too many patterns"
    ),
    (
      [
        "train", "pixelcnn", "--data", "DATA", "--set", "model.decoder.likelihood.output.kind=categorical", "--set",
        "model.decoder.likelihood.output.levelKind=tokens", "--set", "model.decoder.likelihood.patchSize=2",
      ], 2,
      "Tokens come one after another, and not in squares of 2 pixels a side"
    ),
    (
      ["train", "made", "--data", "DATA", "--set", "model.decoder.likelihood.patchSize=2"], 2,
      "A network of kind masked takes one number for each place, not 4. Set the likelihood's patchSize=1"
    ),
    (
      [
        "train", "vq-vae", "--data", "DATA", "--set", "model.prior.kind=autoregressiveCodes", "--set",
        "model.prior.dimensions=128",
      ], 2, "2 codes of an example do not lie whole in the places of the encoder's grid"
    ),
    (
      [
        "train", "vq-vae", "--data", "DATA", "--set", "model.prior.kind=autoregressiveCodes", "--set",
        "objective.kind=reconstruction", "--set", "objective.discrepancy.weight=1",
      ], 2,
      "Reconstruction alone never sees the prior"
    ),
    (
      ["train", "pixelcnn", "--data", "DATA", "--set", "model.decoder.likelihood.network.kernelSize=4"], 2,
      "have no middle"
    ),
    (
      ["train", "vq-vae", "--data", "DATA", "--set", "model.encoder.posterior.codeDimensions=0"], 2,
      "4 latents cannot be cut into codes of 0 numbers. Set model.prior.dimensions to a multiple"
    ),
    (
      ["train", "vq-vae", "--data", "DATA", "--set", "model.encoder.posterior.codeDimensions=9000000000000000000"], 2,
      "A model cannot have 262144 latents"
    ),
    (
      [
        "train", "vq-vae", "--data", "DATA", "--set",
        "model.encoder.network={\"architecture\": \"residual\", \"channels\": [], \"keepsGrid\": true}",
      ], 2, "The encoder's channels [] are not all multiples"
    ),
    (
      ["train", "vq-vae", "--data", "DATA", "--set", "model.prior.kind=standardNormal"], 2,
      "is infinite. Set model.prior.kind=uniformCodes"
    ),
    (
      ["train", "gumbel", "--data", "DATA", "--set", "objective.gradient=scoreFunction"], 2,
      "Relaxed draws have the density of no choice"
    ),
    (
      [
        "train", "vae", "--data", "DATA", "--set", "model.encoder.posterior.refinementSteps=3", "--set",
        "objective.capacity.weight=1",
      ], 2, "Set model.encoder.posterior.refinementSteps=0, or objective.freeBits.nats=0"
    ),
    (
      [
        "train", "iwae-dreg", "--data", "DATA", "--set", "model.decoder.likelihood.kind=normal", "--set",
        "model.decoder.likelihood.variance=optimal",
      ], 2, "Set model.decoder.likelihood.variance=scalar"
    ),
    (["train", "vae", "--data", "DATA", "--out", "RUN"], 2, "holds a run already"),
    (["train", "vae", "--data", "DATA", "--out", "DIR"], 2, "holds files that are not a run"),
    (["train", "vae", "--data", "DATA", "--out", "DATA"], 2, "is a file, not a folder"),
    (["train", "vae", "--resume", "RUN"], 2, "A run that is resumed cannot change vae"),
    (["train", "--resume", "RUN", "--seed", "3"], 2, "cannot change --seed"),
    (["train", "--resume", "RUN"], 2, "has its 2 epochs already. Give --epochs more than 2."),
    (["train", "--resume", "DIR"], 1, "is not a run: it has no config.json"),
    (["train", "--resume", "RUN", "--from", "RUN"], 2, "cannot change --from"),
    (["train", "vae", "--data", "DATA", "--from", "DIR"], 1, "is not a run: it has no config.json"),
    (["train", "vae-2d", "--data", "DATA", "--from", "RUN"], 2, "Give a run of the same model"),
    (["reproduce", "colapse"], 2, "Did you mean collapse?"),
    (["reproduce", "vampprior", "--only", "Vamp Prior"], 2, "No model of vampprior has Vamp Prior in its name"),
    (["evaluate"], 2, "`latent evaluate` needs RUN"),
    (["evaluate", "/nowhere/run"], 1, "There is no run /nowhere/run."),
    (["evaluate", "RUN", "--split", "test"], 2, "has no test split. Give --split train."),
    (["evaluate", "RUN", "--samples", "0"], 2, "--samples is 0"),
    (["evaluate", "RUN", "more"], 2, "does not know what to do with more"),
    (["evaluate", "RUN", "--measure", "latent"], 2, "There is no measure latent. Did you mean latents?"),
    (
      ["evaluate", "RUN", "--chains", "3"], 2,
      "--chains is about a measure that is not asked for. Give --measure annealing too."
    ),
    (
      ["evaluate", "RUN", "--measure", "samples", "--features", "classifier"], 2,
      "A classifier needs labels, which the data have not."
    ),
    (
      ["evaluate", "RUN", "--split", "validation"], 2,
      "The run held out no examples for validation. Give --split train or test;"
    ),
    (["evaluate", "RUN", "--against", "DIR/none"], 1, "There is no run"),
    (["report", "RUN", "--out", "DIR/x.png"], 2, "is no page by its name. End the name in .html."),
    (["explore", "RUN", "--out", "DIR/x.png"], 2, "is no page by its name. End the name in .html."),
    (["watch", "DIR/none"], 1, "There is no run"),
    (["watch", "RUN", "--samples", "0"], 2, "--samples is 0."),
    (["watch", "RUN", "--split", "tset"], 2, "--split is tset."),
    (
      ["export", "RUN", "--format", "onxx"], 2, "--format is onxx. It can be onnx, stablehlo, safetensors, torch-state."
    ),
    (["export", "RUN", "--batch-size", "3"], 2, "--batch-size is about StableHLO alone"),
    (["arithmetic", "RUN"], 2, "`latent arithmetic` needs two classes. Give --minus N"),
    (["arithmetic", "RUN", "--plus", "1", "--minus", "0"], 2, "The train split has no labels. Use data with labels"),
    (
      ["import", "vae"], 2,
      "`latent import` needs weights, and a folder for the run. Give --weights FILE and --out RUN."
    ),
    (["import", "vae", "--data", "DATA", "--weights", "DATA", "--out", "DIR/r"], 1, "holds no named arrays."),
    (
      ["import", "vae", "--data", "DATA", "--weights", "DATA", "--out", "DIR/r", "--names", "DATA"], 2,
      "is no JSON object from names to names."
    ),
    (["impute", "RUN"], 2, "The model was not trained on data with missing values. Train it with --missing"),
    (["interpolate", "RUN", "--way", "round"], 2, "--way is round. It can be linear, spherical."),
    (["interpolate", "RUN", "--animate", "--out", "DIR/x.npy"], 2, "is no picture by its name"),
    (["completions", "tcsh"], 2, "There are no completions for tcsh. Ask for bash, zsh, or fish."),
    (["score", "RUN", "--out", "DIR/x.npy"], 2, "is no table by its name. End the name in .csv."),
    (["score", "RUN", "--picture", "DIR/x.gif"], 2, "is no picture by its name. End the name in .png."),
    (["score", "RUN", "--samples", "0"], 2, "--samples is 0"),
    (["train", "vae", "--data", "DATA", "--size", "8"], 2, "is no folder of pictures, whose size could be changed"),
    (
      ["train", "vae", "--data", "DATA", "--size", "8x"], 2,
      "--size is 8x. Give it a number of pixels, such as 64 or 96x64."
    ),
    (["train", "vae", "--data", "DATA", "--fit", "bend"], 2, "--fit is bend. It can be crop, stretch, pad."),
    (["data", "info", "DIR"], 2, "Bring them to one with --size 64."),
    (["train", "vae", "--data", "DATA", "--size", "0"], 2, "--size is 0."),
    (["data", "info", "/nowhere"], 2, "There is no data set /nowhere"),
    (["sample", "RUN", "--out", "DIR/x.gif"], 2, "End the name in .png or .npy."),
    (["sample", "RUN", "--out", "DATA"], 2, "exists already. Give --force to replace it, or another name."),
    (["sample", "RUN", "--out", "/nowhere/x.png"], 1, "/nowhere"),
    (["sample", "RUN", "--force=yes"], 2, "--force takes no value"),
    (["manifold", "RUN"], 2, "A manifold is drawn of two latents, but this model has 20."),
    (["interpolate", "RUN", "--rows", "500"], 2, "500 pairs need 1000 examples"),
    (
      ["traverse", "RUN", "--example", "200"], 2, "There is no example 200 in the train split. Give --example 0 to 199."
    ),
    (["decode", "RUN", "DATA"], 2, "the model needs [rows, 20]"),
    (["decode", "RUN", "DIR/none.npy"], 1, "none.npy"),
    (["encode", "RUN", "--out", "DIR/z.png"], 2, "End the name in .npy."),
    (["data", "lst"], 2, "Did you mean `latent data list`?"),
    (["data", "info", "cifar"], 2, "There is no data set cifar"),
    (["data", "info"], 2, "No data set is named"),
    (["presets", "beta"], 2, "There is no preset beta"),
  ]

  @Test func mistakesGetASentenceAndAStatus() throws {
    let small = try SmallRun()
    try small.train()
    try "keep me".write(toFile: small.folder.file("note.txt"), atomically: true, encoding: .utf8)
    let before = try listing(small.folder.path)
    for (arguments, status, message) in Self.table {
      let words = arguments.map {
        $0.replacingOccurrences(of: "RUN", with: small.run).replacingOccurrences(of: "DATA", with: small.data)
          .replacingOccurrences(of: "DIR", with: small.folder.path)
      }
      let result = try LatentProgramRun(words, folder: small.folder.path)
      #expect(result.status == status, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(message), "\(arguments): \(result.errors)")
      #expect(result.output.isEmpty)
      #expect(arguments.isEmpty || result.errors.split(separator: "\n").count == 1, "\(arguments): \(result.errors)")
    }
    #expect(try listing(small.folder.path) == before)
  }

  @Test func damagedDataAreRefusedBeforeAnythingIsMade() throws {
    let small = try SmallRun()
    let good = try small.bytes("bars.npy")
    let header = "\u{93}NUMPY"
    let huge = Data(
      [0x93] + "NUMPY".utf8 + [1, 0, 118, 0]
        + "{'descr': '<f4', 'fortran_order': False, 'shape': (900000000000, 28, 28, 1), }".padding(
          toLength: 117, withPad: " ", startingAt: 0
        ).utf8 + [10])
    for (name, bytes) in [
      ("empty.npy", Data()), ("text.npy", Data(header.utf8)), ("cut.npy", good.prefix(1000)), ("huge.npy", huge),
      ("train-images-idx3-ubyte", Data([0, 0, 8, 3, 0x7F, 255, 255, 255, 0x7F, 255, 255, 255, 0x7F, 255, 255, 255])),
      ("cut.gz", Data([0x1F, 0x8B, 8, 0, 0, 0])),
    ] {
      try bytes.write(to: URL(fileURLWithPath: small.folder.file(name)))
      let result = try LatentProgramRun(["train", "vae", "--data", small.folder.file(name), "--out", small.run])
      #expect(result.status == 1 || result.status == 2)
      #expect(result.errors.contains(name), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: small.run))
    }
  }

  @Test func dataThatAreNotNumbersFromZeroToOneAreExplained() throws {
    let small = try SmallRun()
    let table = small.folder.file("table.npy")
    try NPY.write(
      NumericArray(floats: (0..<600).map { Float($0 % 13) - 6 }, shape: [100, 6]), to: table, overwrite: false)
    let refused = try LatentProgramRun(["train", "vae", "--data", table, "--out", small.run])
    #expect(refused.status == 2)
    #expect(
      refused.errors.contains("A Bernoulli likelihood is about values from 0 to 1, but the data go from -6.0 to 6.0"))
    let trained = try LatentProgramRun(
      [
        "train", "vae-gaussian", "--data", table, "--epochs", "1", "--out", small.run, "--set",
        "model.decoder.likelihood.meanActivation=identity",
      ] + SmallRun.small)
    #expect(trained.status == 0, "\(trained.errors)")
    let picture = try LatentProgramRun(["sample", small.run, "--out", small.folder.file("x.png")])
    #expect(picture.status == 2)
    #expect(picture.errors.contains("cannot be drawn. Give --out a name that ends in .npy."))
  }

  @Test func aDamagedRunIsExplained() throws {
    let small = try SmallRun()
    try small.train()
    let checkpoint = small.run + "/checkpoints/latest.safetensors"
    let good = try FileReading.data(at: checkpoint)
    for bytes in [Data(), good.prefix(good.count / 2), Data(repeating: 0xFF, count: 200)] {
      try bytes.write(to: URL(fileURLWithPath: checkpoint))
      let result = try LatentProgramRun(["sample", small.run])
      #expect(result.status == 1)
      #expect(result.errors.contains("latest.safetensors"), "\(result.errors)")
    }
    try good.write(to: URL(fileURLWithPath: checkpoint))
    let sealed = try String(contentsOfFile: small.run + "/config.json", encoding: .utf8)
    let edited = sealed.replacingOccurrences(of: "\"dimensions\" : 20", with: "\"dimensions\" : 21")
    try edited.write(toFile: small.run + "/config.json", atomically: true, encoding: .utf8)
    let refused = try LatentProgramRun(["sample", small.run])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("config.json has been changed since it was written"), "\(refused.errors)")
    // Whoever takes the digest out means it.
    let lines = sealed.split(separator: "\n", omittingEmptySubsequences: false)
    let configuration = lines.filter { !$0.contains("\"digest\"") }.joined(separator: "\n")
    #expect(configuration != sealed)
    for (old, new, message) in [
      ("\"format\" : \(RunConfiguration.currentFormat)", "\"format\" : 99", "has format 99"),
      ("\"dimensions\" : 20", "\"dimensions\" : 21", "the model needs"),
      ("{", "[", "is not a JSON object"), ("\"seed\"", "\"sead\"", "lacks seed"),
      ("\"seed\"", "\"sead\" : 1, \"seed\"", "sets sead, which does not exist. Did you mean seed?"),
      ("\"limit\" : 0", "\"limit\" : -1", "data.limit is -1"),
      ("\"validation\" : 0", "\"validation\" : -5", "data.validation is -5"),
      ("\"epochs\" : 2", "\"epochs\" : 4611686018427387904", "cannot have 4611686018427387904 epochs"),
      ("      8,\n      8,", "      -8,\n      8,", "data.exampleShape is [-8, 8, 1]"),
      ("      8,\n      8,", "      0,\n      8,", "data.exampleShape is [0, 8, 1]"),
      ("      8,\n      8,", "      4294967296,\n      4294967296,", "which examples cannot have"),
    ] {
      let damaged = configuration.replacingOccurrences(of: old, with: new)
      try damaged.write(toFile: small.run + "/config.json", atomically: true, encoding: .utf8)
      let result = try LatentProgramRun(["sample", small.run])
      #expect([1, 2].contains(result.status), "\(result.errors)")
      #expect(result.errors.contains(message), "\(result.errors)")
    }
  }

  @Test func aWildLearningRateStopsWithTheCauseAndLeavesNothing() throws {
    let small = try SmallRun()
    let result = try LatentProgramRun(
      ["train", "vae", "--data", small.data, "--epochs", "30", "--learning-rate", "1e30", "--out", small.run]
        + SmallRun.small)
    #expect(result.status == 1)
    #expect(result.errors.contains("the bound is no longer a finite number, and the first value to go bad was"))
    // It never had a checkpoint, so nothing of it stays.
    #expect(!FileManager.default.fileExists(atPath: small.run))
  }

  @Test func aFullDiskIsSaidAndNothingHalfWrittenStays() throws {
    let small = try SmallRun()
    try small.train()
    let result = try LatentProgramRun(["sample", small.run, "--out", "/dev/full/x.png"])
    #expect(result.status == 1)
    // A limit on the size of files stands for a disk that runs full during training.
    let limited = Process()
    limited.executableURL = URL(fileURLWithPath: "/bin/bash")
    let out = small.folder.file("limited")
    let program = LatentProgramRun.path(of: "latent")
    limited.arguments = [
      "-c",
      "trap '' XFSZ; ulimit -f 20; exec '\(program)' train vae --data '\(small.data)' --epochs 1 --out '\(out)'",
    ]
    limited.standardError = FileHandle.nullDevice
    try limited.run()
    limited.waitUntilExit()
    #expect(limited.terminationReason == .exit)
    #expect(limited.terminationStatus == 1)
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  /// Names and contents of everything below a folder; a folder has none.
  private func listing(_ path: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      result[name] = FileManager.default.contents(atPath: path + "/" + name) ?? Data()
    }
    return result
  }
}
