import Foundation
import Latent

/// `latent train`.
enum TrainCommand: Command {
  static let specification = CommandSpecification(
    name: "train", summary: "Train a model on data; the result is a run folder",
    operands: [("[PRESET]", "the model to train (see `latent presets`); not with --resume or --config")],
    options: .data + [
      .init(name: "--out", value: "RUN", help: "the run's folder (default: runs/PRESET-1, -2, ...)"),
      .init(name: "--force", value: nil, help: "replace the run that is there"),
      .init(name: "--resume", value: "RUN", help: "go on with a run, up to --epochs in all"),
      .init(name: "--from", value: "RUN", help: "begin with the weights of a run of the same model"),
      .init(
        name: "--autoencoder", value: "RUN",
        help: "learn a prior of the latents of a finished run (pixelcnn-prior, ...)"),
      .init(name: "--epochs", value: "N", help: "how often to go through the training examples"),
      .init(name: "--batch-size", value: "N", help: "examples in a step"),
      .init(name: "--learning-rate", value: "X", help: "step size of the optimiser"),
      .init(name: "--seed", value: "N", help: "seed of initial weights, noise, and shuffling (default 0)"),
      .init(name: "--limit", value: "N", help: "use at most N training examples"),
      .init(name: "--validation", value: "N", help: "hold out N training examples and evaluate them each epoch"),
      .init(name: "--test-every", value: "N", help: "evaluate the test split every N epochs (default: at the end)"),
      .init(name: "--missing", value: nil, help: "NaN stands for missing values, which are left out of the likelihood"),
      .init(name: "--binarize", value: "HOW", help: "grey values to zeros and ones: none, static, or stochastic"),
      .init(
        name: "--dequantize", value: nil, help: "grey levels to real numbers, for a density (Normal, Laplace, ...)"),
    ] + .pictures + [
      .init(name: "--config", value: "FILE", help: "settings from a JSON file (all or some of a config.json)"),
      .init(name: "--set", value: "KEY=VALUE", help: "one setting, such as model.prior.dimensions=10", repeats: true),
      .init(name: "--quiet", value: nil, help: "show no progress, neither bar nor lines; warnings and errors remain"),
    ] + .compute + [.init(name: "--json", value: nil, help: "print the result as one JSON object")],
    example: "latent train vae --data mnist --epochs 30 --seed 1 --out runs/first")

  static func run(_ arguments: Arguments) throws {
    let testEvery = try arguments.integer("--test-every", in: 1...Int.max) ?? 0
    let backend = try arguments.backend()
    let resumed = try resumedRun(arguments)
    // From here to the end, so that what is read is what is gone on with.
    let resumedLock = try resumed.flatMap(RunLock.init)
    try resumed?.recover()
    let configuration = try resumed.map { try resumedConfiguration($0, arguments) } ?? newConfiguration(arguments)
    let dataset = try configuration.data.load(missingValues: configuration.model.missingValues)
    guard dataset.isPictures || configuration.data.pictures == PictureSettings() else {
      throw LatentError.usage(
        "\(dataset.name) is no folder of pictures, whose size could be changed",
        remedy: "Give no --size, --fit, or --channels")
    }
    let begins = resumed.map { !$0.hasCheckpoint } ?? true
    let origin = try (configuration.startedFrom ?? configuration.autoencoder).flatMap { path in
      try begins ? TrainedModel(run: RunFolder(path: path), backend: backend) : nil
    }
    let folder = resumed ?? RunFolder(path: arguments.text("--out") ?? freeRunPath(configuration.preset))
    let trainer = try Trainer(
      configuration, dataset: dataset, folder: folder, resuming: resumed != nil, startingFrom: origin,
      backend: backend)
    trainer.testEvery = testEvery
    // Everything that can be refused has been refused before the folder is touched.
    let lock = try resumedLock ?? RunLock(folder)
    try resumed == nil ? folder.create(replacing: arguments.has("--force")) : folder.makeFolders()
    let ownLock = try lock == nil ? RunLock(folder) : lock
    defer { withExtendedLifetime(ownLock) {} }
    if let warning = trainer.warning { Terminal.writeError("latent: warning: \(warning)") }
    let start = Date()
    let waitedBefore = dataset.train.secondsWaited
    let result: EpochMetrics
    var trained = trainer.trained
    if let complete = try trainer.completeMetrics(), !RunPictures.exist(trained, in: folder) {
      // A run that was stopped from outside between its last figures and its pictures.
      result = complete
      trained = try TrainedModel(run: folder, backend: backend)
    } else {
      let progress = TrainingDisplay(
        epochs: configuration.epochs, completed: trainer.completedEpochs, figure: trainer.model.metrics[0].name,
        batchSize: configuration.batchSize, isQuiet: arguments.has("--quiet"))
      let starvation = Starvation()
      Interruption.watch()
      do {
        result = try trainer.run { event in
          progress.note(event)
          // Not at figures: after the last of them there is nothing left to end.
          if case .step = event { try Interruption.check() }
        }
      } catch let interruption as Interruption {
        let isKept = folder.hasCheckpoint && trainer.completedSteps > 0
        throw interruption.remarking(
          isKept
            ? "the training has stopped; latent train --resume \(folder.path) goes on with it"
            : "the training has stopped in its first epoch, and nothing has changed")
      }
      Interruption.unwatch()
      if let remark = starvation.remark() { Terminal.writeError("latent: \(remark)") }
      let waited = dataset.train.secondsWaited - waitedBefore
      if let remark = PictureOptions.remark(waited: waited, of: -start.timeIntervalSinceNow) {
        Terminal.writeError("latent: \(remark)")
      }
    }
    let seconds = -start.timeIntervalSinceNow
    try RunPictures.write(trained, examples: trainer.shownExamples, to: folder)
    try report(
      result, seconds, waited: dataset.train.secondsWaited - waitedBefore, folder, asJSON: arguments.has("--json"))
  }

  /// What a new run is like, by the arguments.
  static func newConfiguration(_ arguments: Arguments) throws -> RunConfiguration {
    guard arguments.operand(0) != nil || arguments.has("--config") else {
      throw LatentError.usage(
        "`latent train` needs a preset", remedy: "Give one of `latent presets`, such as latent train vae")
    }
    let preset = try Preset.named(arguments.operand(0) ?? "vae")
    var configuration = preset.configuration
    if arguments.operand(0) == nil { configuration.preset = "custom" }
    if let path = arguments.text("--autoencoder") {
      configuration = configuration.secondStage(of: try RunFolder(path: path).configuration(), at: absolute(path))
    } else if preset.isSecondStage {
      throw LatentError.usage(
        "\(preset.name) is a prior of the latents of a finished run", remedy: "Give --autoencoder RUN, a run of vq-vae")
    }
    if let path = arguments.text("--config") {
      configuration = try configuration.merging(json: FileReading.data(at: path), source: path)
    }
    if let name = arguments.text("--data") { configuration.data.name = name }
    if let directory = arguments.text("--data-dir") { configuration.data.directory = absolute(directory) }
    // A path is kept in full, so that the run can be evaluated from elsewhere.
    if NamedDataset.named(configuration.data.name) == nil,
      FileManager.default.fileExists(atPath: configuration.data.name)
    {
      configuration.data.name = absolute(configuration.data.name)
    }
    if let path = arguments.text("--from") { configuration.startedFrom = absolute(path) }
    if let epochs = try arguments.integer("--epochs", in: 1...1_000_000) { configuration.epochs = epochs }
    if let size = try arguments.integer("--batch-size", in: 1...Int(Int32.max)) { configuration.batchSize = size }
    if let rate = try arguments.positive("--learning-rate") { configuration.optimizer.learningRate = rate }
    if arguments.has("--seed") { configuration.seed = try arguments.seed() }
    if let limit = try arguments.integer("--limit", in: 1...Int.max) { configuration.data.limit = limit }
    if let count = try arguments.integer("--validation", in: 1...Int.max) { configuration.data.validation = count }
    if let precision = try arguments.precision() { configuration.precision = precision }
    try PictureOptions.apply(arguments, to: &configuration.data.pictures)
    if arguments.has("--dequantize") { configuration.data.dequantization = .uniform }
    if arguments.has("--missing") { configuration.model.missingValues = true }
    let choices = Binarization.allCases.map(\.rawValue)
    if let how = try arguments.choice("--binarize", choices).flatMap(Binarization.init) {
      configuration.data.binarization = how
    }
    for setting in arguments.texts("--set") {
      guard let equals = setting.firstIndex(of: "=") else {
        throw LatentError.usage("--set \(setting) has no value", remedy: "Write --set KEY=VALUE")
      }
      configuration = try configuration.setting(
        String(setting[..<equals]), to: String(setting[setting.index(after: equals)...]))
    }
    return configuration
  }

  /// The run to go on with, if there is one: it goes on as it began, and only its length and the place of its data can change.
  private static func resumedRun(_ arguments: Arguments) throws -> RunFolder? {
    guard let path = arguments.text("--resume") else { return nil }
    let fixed = [
      "--data", "--out", "--force", "--from", "--autoencoder", "--batch-size", "--learning-rate", "--seed", "--limit",
      "--validation",
      "--missing", "--binarize", "--dequantize", "--config", "--set", "--precision",
    ]
    if let option = fixed.first(where: arguments.has) ?? arguments.operand(0) {
      throw LatentError.usage(
        "A run that is resumed cannot change \(option)", remedy: "Leave it out, or start a new run")
    }
    return RunFolder(path: path)
  }

  private static func resumedConfiguration(_ run: RunFolder, _ arguments: Arguments) throws -> RunConfiguration {
    var configuration = try run.configuration()
    if let epochs = try arguments.integer("--epochs", in: 1...1_000_000), epochs != configuration.epochs {
      configuration.epochs = epochs
      if configuration.schedule.kind == .cosine {
        Terminal.writeError(
          "latent: note: the learning rate now falls until epoch \(epochs), so that the run will not be what \(epochs) epochs at "
            + "once are")
      }
    }
    if let directory = arguments.text("--data-dir") { configuration.data.directory = absolute(directory) }
    return configuration
  }

  private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

  private static func freeRunPath(_ preset: String) -> String {
    let paths = (1...).lazy.map { "runs/\(preset)-\($0)" }
    return paths.first { !FileManager.default.fileExists(atPath: $0) } ?? "runs/\(preset)"
  }

  private static func report(
    _ result: EpochMetrics, _ seconds: Double, waited: Double, _ folder: RunFolder, asJSON: Bool
  ) throws {
    guard asJSON else {
      Terminal.writeError("the run is in \(folder.path); its pictures are in \(folder.samplesPath)")
      return
    }
    try Terminal.write(
      JSONLine([
        ("run", .text(folder.path)), ("split", .text(result.split)), ("epoch", .integer(result.epoch)),
        ("elbo", .optional(result.elbo)), ("rate", .optional(result.rate)),
        ("distortion", .optional(result.distortion)),
        ("seconds", .number(seconds)), ("seconds_waiting_for_pictures", .number(waited)),
        ("examples", .integer(result.examples)),
      ]))
  }
}
