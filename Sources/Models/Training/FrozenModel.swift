import LatentExecution
import LatentVariationalAutoencoders

/// A trained model whose weights never change any more, for inference on several tasks at once.
///
/// Each task makes a generator or an evaluator of its own; all of them read one copy of the weights, and what they give has
/// the bits that one alone would give:
///
///     let frozen = try TrainedModel(run: run).frozen()
///     try await withThrowingTaskGroup(of: [Float].self) { group in
///       for part in parts { group.addTask { try Generator(frozen).encode(part) } }
///       …
///     }
///
/// A `TrainedModel`, a generator, an evaluator, and a trainer belong to the task that made them.
public struct FrozenModel: Sendable {
  private let model: Model
  private let objective: Objective
  private let backend: any Backend
  /// In what matrix products and convolutions are computed.
  public let precision: Precision
  /// It is frozen: what is read is never written, and what back ends keep beside it has a lock.
  private nonisolated(unsafe) let store: VariableStore

  fileprivate init(_ trained: TrainedModel, _ backend: any Backend) throws {
    (model, objective, precision) = (trained.model, trained.objective, trained.precision)
    self.backend = backend
    store = try trained.copiedWeights()
    store.freeze()
  }

  /// The model, for the task that asks.
  var trained: TrainedModel {
    var trained = TrainedModel(model: model, objective: objective, store: store, backend: backend, averages: [:])
    trained.precision = precision
    return trained
  }
}

extension TrainedModel {
  /// A copy of the weights, the averages where there are any, that several tasks can use at once.
  ///
  /// - Parameter backend: what the tasks run it on; `nil` for the model's own. Each task has as many threads as the back end
  ///   says: for as many tasks as there are cores, `CPUBackend(threads: 1)`. Another number of threads may give other last bits.
  /// - Throws: `LatentError` when there is no memory for the copy.
  public func frozen(backend: (any Backend)? = nil) throws -> FrozenModel {
    try FrozenModel(self, backend ?? self.backend)
  }
}

extension Generator {
  /// Creates a generator for the calling task.
  public init(_ model: FrozenModel) { self.init(model.trained) }
}

extension Evaluator {
  /// Creates an evaluator for the calling task, whose noise comes from a seed.
  public init(_ model: FrozenModel, seed: UInt64) { self.init(model.trained, seed: seed) }
}
