import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Markov chains in the exact posteriors p(z|x) of a batch of examples, several for each example.
///
/// Not to be used from two threads at once.
final class PosteriorChains {
  /// How many examples and chains for each.
  let examples: Int, chains: Int
  /// The step size, tuned while `advance` is told to.
  var stepSize = StepSizeTuner()
  /// Where the chains are, [chains, examples, latents].
  var positions: [Float]
  /// log p(x, z) there, [chains, examples], after `advance`.
  private(set) var logJoint: [Double] = []
  /// The mean acceptance probability of the latest transition.
  private(set) var acceptance = 0.0

  private let network: SmallNetwork
  private let transition: any Executable
  private var candidates: (any Executable)?
  private static let candidateCount = 64
  private static let candidateRounds = 128

  /// Builds the transition for batches of a size.
  init(_ network: SmallNetwork, examples: Int, chains: Int) throws {
    self.network = network
    self.examples = examples
    self.chains = chains
    let graph = Graph()
    let batch = network.batch(examples, in: graph)
    let shape: Shape = [chains, examples, network.model.latents]
    let position = graph.input("positions", shape: shape)
    let dynamics = HamiltonianDynamics { Self.logJoint(network.model, batch, $0) }
    let result = dynamics.transition(
      from: dynamics.state(at: position), stepSize: graph.input("step size", shape: .scalar))
    let outputs = [result.state.position, result.state.logDensity, result.acceptance.mean()]
    transition = try network.backend.compile(
      Program(graph: graph, outputs: outputs, assignments: []), state: network.store)
    positions = [Float](repeating: 0, count: shape.elementCount)
  }

  /// log p(x, z), [S, B].
  private static func logJoint(_ model: Model, _ batch: Tensor, _ z: Tensor) -> Tensor {
    guard let prior = model.prior(count: batch.shape[0], in: batch.graph) else {
      stop("a small network has one layer of latents")
    }
    return model.logLikelihood(batch, z, mode: .inference) + prior.logProbability(z)
  }

  /// Sets the examples whose posteriors are walked in.
  func set(_ source: Examples, _ indices: [Int]) throws {
    try transition.fill("examples") { try source.copy(indices, into: $0) }
  }

  /// Makes one transition.
  ///
  /// - Parameter gain: how fast the step size is tuned; 0 leaves it, as draws that are to be used want it.
  func advance(_ random: RandomState, gain: Double = 0) throws {
    transition.fill("positions") { _ = $0.update(fromContentsOf: positions) }
    transition.fill("step size") { $0[0] = Float(stepSize.value) }
    try transition.run(random)
    positions = transition.output(0).floats
    logJoint = transition.output(1).doubles
    acceptance = transition.scalar(2)
    if gain > 0 { stepSize.note(acceptance: acceptance, gain: gain) }
  }

  /// Puts every chain at a draw from the prior, resampled by likelihood from 8192 of them: nearly a draw from the
  /// posterior where the posterior is not too narrow, in any of its modes.
  ///
  /// The draws of a call use the steps from `random.step` to `random.step + 127`.
  func start(_ source: Examples, _ indices: [Int], _ random: RandomState) throws {
    let program = try candidates ?? candidateProgram()
    candidates = program
    try program.fill("examples") { try source.copy(indices, into: $0) }
    let width = network.model.latents
    var best = [Double](repeating: -.infinity, count: chains * examples)
    for round in 0..<Self.candidateRounds {
      try program.run(RandomState(seed: random.seed, step: random.step &+ UInt64(round)))
      let values = program.output(0).doubles
      let chosen = program.output(1).doubles
      let latents = program.output(2).floats
      for place in best.indices where values[place] > best[place] {
        best[place] = values[place]
        let from = (Int(chosen[place]) * examples + place % examples) * width
        positions.replaceSubrange((place * width)..<((place + 1) * width), with: latents[from..<(from + width)])
      }
    }
  }

  /// For every chain the best candidate of a round by log-likelihood plus Gumbel noise, which makes the best of all rounds
  /// a draw in proportion to the likelihood.
  private func candidateProgram() throws -> any Executable {
    let graph = Graph()
    let batch = network.batch(examples, in: graph)
    let count = Self.candidateCount
    let z = graph.random(.normal, shape: [count, examples, network.model.latents])
    let likelihood = network.model.logLikelihood(batch, z, mode: .inference)
    // Kept from 0, where the noise would be infinite.
    let uniform = graph.random(.uniform, shape: [chains, count, examples]).maximum(1e-9)
    let values = likelihood.reshape([1, count, examples]) - (-uniform.log()).maximum(1e-9).log()
    return try network.backend.compile(
      Program(graph: graph, outputs: [values.max([1]), values.argumentMaximum(1), z]), state: network.store)
  }
}
