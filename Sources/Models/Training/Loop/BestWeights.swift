import LatentExecution
import LatentTensorGraph

/// The weights with the best figure of held-out examples, in memory and in the run's folder.
struct BestWeights {
  /// Where the folder keeps them, if there is one.
  let path: String?
  private var values: [HostTensor]?

  init(path: String?) { self.path = path }

  /// Keeps the weights as they are.
  mutating func keep(_ variables: [Variable], of store: VariableStore, _ progress: TrainingProgress) throws {
    values = try variables.map(store.value)
    if let path { try Checkpoint.write(variables, of: store, progress: progress, to: path) }
  }

  /// Puts them back; a run that ends before its schedules do has no best weights but the last.
  func restore(_ variables: [Variable], into store: VariableStore, _ progress: TrainingProgress) throws {
    guard progress.stopping.best != nil else { return }
    if let values {
      for (variable, value) in zip(variables, values) { try store.set(variable, to: value) }
    } else if let path {
      try Checkpoint.read(variables, into: store, from: path)
    }
  }
}
