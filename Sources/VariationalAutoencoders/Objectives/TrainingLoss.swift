import TensorGraph

/// What a training step computes and minimises.
public struct TrainingLoss {
  /// The evidence lower bound's parts for each example, whatever is maximised.
  public let terms: BoundTerms
  /// What is maximised, averaged over the batch, in nats.
  public let objective: Tensor
  /// Scalars to minimise, each over variables of its own.
  public let losses: [(loss: Tensor, variables: [Variable])]
}

/// Variables that training needs besides the model's.
public struct ObjectiveVariables {
  /// Tells draws from draws with shuffled dimensions.
  let discriminator: TotalCorrelationDiscriminator?
  /// The running mean and mean square of the learning signal.
  let baseline: Variable?, scale: Variable?

  /// Everything that checkpoints hold.
  public var variables: [Variable] { (discriminator?.variables ?? []) + [baseline, scale].compactMap { $0 } }
}

extension Objective {
  /// Makes the variables that training a model with this objective needs.
  public func makeVariables(_ model: VariationalAutoencoder) -> ObjectiveVariables {
    let usesRatio = totalCorrelation.isOn && totalCorrelation.estimator == .densityRatio
    let hasBaseline = gradient == .scoreFunctionWithBaseline
    func running(_ name: String, _ start: Double) -> Variable? {
      hasBaseline ? Variable("objective/" + name, shape: [], initializer: .constant(start), isTrainable: false) : nil
    }
    return ObjectiveVariables(
      discriminator: usesRatio
        ? TotalCorrelationDiscriminator(latents: model.prior.dimensions, hidden: totalCorrelation.hidden) : nil,
      baseline: running("baseline", 0), scale: running("signalSquare", 1))
  }
}

/// The numbers of an objective that change while a model trains, as inputs of a program.
public struct ObjectiveSchedule {
  /// The paths of the settings, in the order of the values.
  public let names: [String]
  private let schedules: [ScheduledValue]
  private let tensors: [String: Tensor]
  private let graph: Graph

  /// Adds an input to the graph for every number that changes.
  public init(_ objective: Objective, in graph: Graph) {
    let changing = objective.schedules.filter { $0.schedule.kind != .constant }
    self.graph = graph
    names = changing.map(\.name)
    schedules = changing.map(\.schedule)
    tensors = Dictionary(uniqueKeysWithValues: names.map { ($0, graph.input($0, shape: .scalar)) })
  }

  /// The values after some epochs, fractions included.
  public func values(after epochs: Double) -> [Double] { schedules.map { $0.value(after: epochs) } }

  /// A number of the objective as a scalar, whether it changes or not.
  func callAsFunction(_ schedule: ScheduledValue, _ name: String) -> Tensor {
    tensors[name] ?? graph.constant(schedule.value)
  }
}
