import LatentCPUBackend
import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentVariationalAutoencoders

/// Trains a variational autoencoder, from a `RunConfiguration`.
public typealias Trainer = ModelTrainer<AutoencoderTask>

extension ModelTrainer where Model == AutoencoderTask {
  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - configuration: what to train and how.
  ///   - dataset: the data; a validation split is taken from the training examples if the configuration asks for it.
  ///   - folder: where to keep the run (`RunFolder.create` makes it), or `nil` to keep it in memory. A new run that fails
  ///     before its first checkpoint is taken back (`RunFolder.discard`).
  ///   - resuming: whether to go on from the folder's checkpoint, or from the beginning where there is none yet.
  ///   - origin: a trained model to begin with in place of random weights; the optimiser begins anew. Where a prior alone is
  ///     trained (`RunConfiguration.autoencoder`), the model that it is the prior of.
  /// - Throws: `LatentError` when configuration and data do not fit, a checkpoint cannot be read, or the origin is another
  ///   model.
  public convenience init(
    _ configuration: RunConfiguration, dataset: Dataset, folder: RunFolder? = nil, resuming: Bool = false,
    startingFrom origin: TrainedModel? = nil, backend: any Backend = CPUBackend()
  ) throws {
    var configuration = configuration
    var train = configuration.data.limit > 0 ? dataset.train.prefix(configuration.data.limit) : dataset.train
    var validation: Examples?
    if configuration.data.validation > 0 {
      (train, validation) = try train.split(
        validation: configuration.data.validation, seed: configuration.data.validationSeed ?? configuration.seed)
    }
    configuration.model.condition = try configuration.model.condition.completed(for: train)
    configuration.complete(with: dataset)
    configuration.model = configuration.model.completed(exampleShape: train.shape)
    _ = try configuration.validate(for: train)
    if resuming, configuration.data.fingerprint != dataset.train.fingerprint {
      throw LatentError.failure(
        "The data are not those that the run was trained on",
        remedy: "Give --data or --data-dir the place of the original data (\(configuration.data.name))")
    }
    configuration.data.name = dataset.name
    configuration.data.fingerprint = dataset.train.fingerprint
    configuration.data.exampleShape = dataset.train.shape
    let data = TrainingData(
      train: configuration.data.preparedForTraining(train), validation: validation.map(configuration.data.prepared),
      test: dataset.test.map(configuration.data.prepared))
    let task = AutoencoderTask(
      configuration, exampleShape: train.shape, dataMean: try train.mean(), examples: train.count
    ) { [configuration] in
      try LaggingInference.watched(train: data.train, validation: data.validation, as: configuration.data)
    }
    try self.init(
      task, configuration.trainingSettings, data: data, folder: folder, resuming: resuming, backend: backend)
    if let origin, progress.step == 0 { try copyWeights(of: origin) }
    if origin == nil, !resuming, configuration.isSecondStage {
      throw LatentError.usage(
        "A prior alone is trained of an autoencoder, which is not there", remedy: "Give the trained model to start from"
      )
    }
  }

  /// The seed of static binarisation and dequantisation, the same for all runs so that their figures can be compared.
  package static var binarizationSeed: UInt64 { 0 }

  /// What decides the run, completed with what the data say.
  public var configuration: RunConfiguration { model.configuration }

  /// A combination that is possible but seldom meant, in a sentence.
  public var warning: String? {
    let isDensity = configuration.model.decoder.likelihood.traits.contains(.density)
    return (try? configuration.validate(for: data.train)) ?? (isDensity ? try? data.train.scaleWarning() : nil)
  }

  /// The examples that show what the model can do: the test split, else the training split, as the model sees them.
  package var shownExamples: Examples { data.test ?? data.train }

  /// The model with its weights as they stand; further training changes them.
  public var trained: TrainedModel { model.trained(weights) }

  /// Begins with the weights of a trained model, averaged if it averages them, and averages from there on.
  private func copyWeights(of origin: TrainedModel) throws {
    let known = Dictionary(uniqueKeysWithValues: origin.model.variables.map { ($0.name, $0) })
    let own = configuration.isSecondStage ? Set(model.model.priorVariables) : []
    for variable in model.model.variables where !own.contains(variable) {
      guard let other = known[variable.name], other.shape == variable.shape else {
        throw LatentError.usage(
          "The model to start from has no weights \(variable.name) of shape \(variable.shape)",
          remedy: "Give a run of the same model: its config.json has the settings")
      }
      let value = try origin.store.value(of: origin.averages[other] ?? other)
      for target in [variable, optimizer.averages[variable]].compactMap({ $0 }) {
        try store.set(target, to: value)
      }
    }
  }
}

extension RunConfiguration {
  /// How the model is trained, whatever it is.
  var trainingSettings: TrainingSettings {
    TrainingSettings(
      optimizer: optimizer, schedule: schedule, batchSize: batchSize, epochs: epochs, seed: seed, patience: patience,
      precision: precision)
  }
}
