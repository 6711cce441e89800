import LatentDatasets
import LatentDifferentiation
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Measures how much the gradient of the bound with respect to the encoder's parameters varies with the noise.
///
/// Two gradients of the same minibatch with independent noise: half their squared distance is an unbiased estimate of the
/// trace of the gradient's covariance, so that no gradient needs to be kept. Weights do not change.
final class GradientNoise {
  /// How the gradient is estimated.
  let estimator: Objective.Gradient
  private let network: SmallNetwork
  private let executable: any Executable
  private let variables: ObjectiveVariables
  private let batchSize: Int

  /// Builds the measurement for minibatches of a size.
  ///
  /// - Parameter other: a measurement of the same network, whose baseline this one shares.
  init(
    _ network: SmallNetwork, estimator: Objective.Gradient, batchSize: Int, sharing other: GradientNoise? = nil
  ) throws {
    self.network = network
    self.estimator = estimator
    self.batchSize = batchSize
    let objective = Objective(.evidenceLowerBound, estimator: .monteCarlo, gradient: estimator)
    let variables = other?.variables ?? objective.makeVariables(network.model.specification)
    self.variables = variables
    let graph = Graph()
    let batch = network.batch(batchSize, in: graph)
    let schedule = ObjectiveSchedule(objective, in: graph)
    let reads = network.model.inferenceVariables.map(graph.read)
    let gradients = (0..<2).map { _ in
      let loss = objective.loss(
        network.model, ExampleBatch(examples: batch), variables, schedule, examples: batchSize)
      return LatentDifferentiation.gradient(of: loss.losses[0].loss, withRespectTo: reads)
    }
    let distance = zip(gradients[0], gradients[1]).map { ($0 - $1).squared().sum() }.reduce(graph.constant(0), +)
    // Without the updates of a running baseline, which stays what it is given.
    let program = Program(graph: graph, outputs: [distance * 0.5] + gradients[0], assignments: [])
    executable = try network.backend.compile(program, state: network.store)
  }

  /// Sets the constant that is taken off the learning signal, for the estimator that takes one off.
  func set(baseline: Double) throws {
    for variable in variables.variables {
      // The signal is divided by the root of the mean square, which would scale the gradient.
      let value = variable.name.hasSuffix("baseline") ? baseline : 1
      try network.store.set(variable, to: HostTensor([value], shape: .scalar))
    }
  }

  /// Half the squared distance of two gradients of a minibatch.
  func spread(_ examples: Examples, _ indices: [Int], _ random: RandomState) throws -> Double {
    try executable.fill("examples") { try examples.copy(indices, into: $0) }
    try executable.run(random)
    return executable.scalar(0)
  }

  /// One gradient of a minibatch, all parameters of the encoder in a row.
  func gradient(_ examples: Examples, _ indices: [Int], _ random: RandomState) throws -> [Double] {
    _ = try spread(examples, indices, random)
    return executable.program.outputs.indices.dropFirst().flatMap { executable.output($0).doubles }
  }
}
