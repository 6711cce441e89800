import LatentTensorGraph

/// What a training step computes and minimises.
public struct TrainingLoss {
  /// The evidence lower bound's parts for each example, whatever is maximised.
  public let terms: BoundTerms
  /// What is maximised, averaged over the batch, in nats.
  public let objective: Tensor
  /// The codes of a model that has some, int32 [B, codes, indices].
  public let codes: Tensor?
  /// Scalars to minimise, each over variables of its own.
  public let losses: [(loss: Tensor, variables: [Variable])]
}

/// Variables that training needs besides the model's.
public struct ObjectiveVariables {
  /// The terms that are added, with what each learns of its own.
  let terms: [any ObjectiveTermModule]
  /// The running mean and mean square of the learning signal.
  let baseline: Variable?, scale: Variable?

  /// Everything that checkpoints hold.
  public var variables: [Variable] { terms.flatMap(\.variables) + [baseline, scale].compactMap { $0 } }
}

extension Objective {
  /// Makes the variables that training a model with this objective needs.
  public func makeVariables(_ model: VariationalAutoencoder) -> ObjectiveVariables {
    let hasBaseline = gradient == .scoreFunctionWithBaseline
    func running(_ name: String, _ start: Double) -> Variable? {
      hasBaseline ? Variable("objective/" + name, shape: [], initializer: .constant(start), isTrainable: false) : nil
    }
    return ObjectiveVariables(
      terms: terms.on.map { $0.make(for: model) }, baseline: running("baseline", 0), scale: running("signalSquare", 1))
  }
}
