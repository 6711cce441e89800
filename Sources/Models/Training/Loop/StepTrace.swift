import LatentDatasets
import LatentTensorGraph
import LatentLayers

/// The batch of a step in its graph, and what else the step is given each time.
public final class StepTrace {
  /// The examples as they are stored, [B, ...].
  public let examples: Tensor
  /// What the model is being run for.
  public let mode: Mode
  private(set) var inputs: [(name: String, values: (StepMoment) -> [Float])] = []

  /// Creates the trace of a step on a batch, for a loop of one's own or a test of a model.
  public init(examples: Tensor, mode: Mode) {
    self.examples = examples
    self.mode = mode
  }

  /// How many examples there are.
  public var count: Int { examples.shape[0] }
  /// The graph that the step is added to.
  public var graph: Graph { examples.graph }

  /// A tensor that is given anew for every step, by a name that no other input of the step has.
  public func input(_ name: String, shape: Shape, values: @escaping (StepMoment) -> [Float]) -> Tensor {
    inputs.append((name, values))
    return graph.input(name, shape: shape)
  }
}

/// Which step it is that inputs are asked for.
public struct StepMoment {
  /// The training examples, or those that are evaluated.
  public let examples: Examples
  /// The places of the batch's examples among them.
  public let batch: [Int]
  /// The epochs gone by, fractions included.
  public let epochs: Double
}

/// What a step computes.
public struct TracedStep {
  /// Scalars to minimise, each over variables of its own.
  public let losses: [(loss: Tensor, variables: [Variable])]
  /// Sums over the batch, of any shape, of whose numbers the figures are made.
  public let sums: [Tensor]

  /// Creates a step from its losses and sums.
  public init(losses: [(loss: Tensor, variables: [Variable])], sums: [Tensor]) {
    self.losses = losses
    self.sums = sums
  }
}
