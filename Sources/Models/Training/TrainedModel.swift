import Foundation
import LatentCPUBackend
import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentOptimizers
import LatentRandomness
import LatentTensorGraph
import LatentVariationalAutoencoders

/// A model with its weights, as training leaves it and evaluation, generation, and encoding use it.
public struct TrainedModel {
  /// The model, whose variables have their values in `store`.
  public let model: Model
  /// What it was trained to maximise.
  public let objective: Objective
  /// The values of the model's variables, and of their averages if there are any.
  public let store: VariableStore
  /// The back end that compiles and runs the model's programs.
  public let backend: any Backend
  /// In what matrix products and convolutions are computed, float32 unless it is changed.
  public var precision = Precision.f32
  /// Running averages that are used in place of the weights.
  let averages: [Variable: Variable]

  /// An empty graph whose reads see the averages, if there are any.
  func graph() -> Graph { Graph(substituting: averages, matrixPrecision: precision.matrixType) }

  /// Loads the weights of a run.
  ///
  /// - Parameter families: the priors, likelihoods and so on that its configuration may name.
  /// - Throws: `LatentError` when the run or its checkpoint is missing, damaged, or of another version.
  public init(run: RunFolder, families: Families = .builtIn, backend: any Backend = CPUBackend()) throws {
    let configuration = try run.configuration(families: families)
    try run.checkHasWeights()
    try configuration.model.validate(
      exampleShape: configuration.data.exampleShape, objective: configuration.objective)
    let model = Model(configuration.model, exampleShape: configuration.data.exampleShape)
    let optimizer = OptimizerState(configuration.optimizer, over: model.variables)
    let store = VariableStore(seed: configuration.seed)
    let wanted = model.variables + model.variables.compactMap { optimizer.averages[$0] }
    try Checkpoint.read(wanted, into: store, from: run.weightsPath)
    self.init(
      model: model, objective: configuration.objective, store: store, backend: backend, averages: optimizer.averages)
  }

  /// A model that was trained by a loop of one's own.
  ///
  /// - Parameters:
  ///   - model: the model, whose variables have their values in the store.
  ///   - objective: what it was trained for, which decides whether it has a bound and a prior to draw from.
  public init(
    _ model: Model, objective: Objective = .elbo(), store: VariableStore, backend: any Backend = CPUBackend()
  ) {
    self.init(model: model, objective: objective, store: store, backend: backend, averages: [:])
  }

  /// Makes a run folder of the model, which evaluates, samples, and is read like that of any run.
  ///
  /// - Parameters:
  ///   - folder: a folder that is not there yet, or empty.
  ///   - dataset: the data that the model was trained on.
  ///   - binarization: what became of grey values before the model saw them.
  ///   - dequantization: what became of grey levels before the model saw them.
  /// - Throws: `LatentError` when there is something in the folder, or it cannot be written.
  public func save(
    to folder: RunFolder, dataset: Dataset, binarization: Binarization = .none, dequantization: Dequantization = .none
  ) throws {
    var configuration = RunConfiguration(
      model: model.specification, objective: objective, dataset: dataset.name, binarization: binarization)
    configuration.data.dequantization = dequantization
    configuration.data.fingerprint = dataset.train.fingerprint
    configuration.data.exampleShape = model.exampleShape
    configuration.seed = store.seed
    try save(to: folder, configuration: configuration)
  }

  /// Makes a run folder of the model with a configuration that has been completed by its data, as that of a trainer is.
  ///
  /// - Throws: `LatentError` when there is something in the folder, or it cannot be written.
  public func save(to folder: RunFolder, configuration: RunConfiguration) throws {
    guard !FileManager.default.fileExists(atPath: folder.configurationPath) else {
      throw LatentError.usage("\(folder.path) holds a run already", remedy: "Give another folder")
    }
    try folder.create(replacing: false)
    do {
      try folder.write(configuration)
      try Checkpoint.write(
        model.variables, of: copiedWeights(), progress: TrainingProgress(), to: folder.checkpointPath)
      folder.settle()
    } catch {
      try? folder.discard()
      throw error
    }
  }

  /// Refuses what is about latents in a model that has none.
  public func requireLatents() throws {
    guard !model.specification.hasLatents else { return }
    throw LatentError.usage(
      "The model has no latents", remedy: "Use `latent sample` and `latent evaluate`, or a run of a model that has some"
    )
  }

  /// A store of the weights that are used: averages, where there are any.
  func copiedWeights() throws -> VariableStore {
    let kept = VariableStore(seed: store.seed)
    for variable in model.variables { try kept.set(variable, to: store.value(of: averages[variable] ?? variable)) }
    return kept
  }

  init(
    model: Model, objective: Objective, store: VariableStore, backend: any Backend, averages: [Variable: Variable]
  ) {
    self.model = model.refining(for: objective)
    self.objective = objective
    self.store = store
    self.backend = backend
    self.averages = averages
  }
}

/// The seed of one use of random numbers, so that different uses of one run's seed have nothing in common.
func derivedSeed(_ seed: UInt64, _ use: String) -> UInt64 {
  var stream = RandomStream(seed: seed, name: use)
  return stream.next()
}
