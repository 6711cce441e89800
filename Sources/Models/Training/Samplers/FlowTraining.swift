import LatentDatasets
import LatentDiagnostics
import LatentExecution
import Foundation
import LatentOptimizers
import LatentTensorGraph

/// Fits a flow to standardised codes by maximum likelihood, and keeps the parameters that suit held-out codes best.
struct FlowTraining {
  let density: FlowDensity
  let store: VariableStore
  let backend: any Backend
  let seed: UInt64

  /// What is added to codes in training, in standard deviations: a floor under the density's width, so that a latent which
  /// never varies has a likelihood too.
  private static let jitter = 0.01
  /// Held-out codes whose density is computed at once.
  private static let chunk = 1000

  /// Trains, from the beginning with smaller steps where the likelihood stops being a number.
  ///
  /// - Parameter codes: rows of latents.
  /// - Returns: the mean log-likelihood of the held-out codes, in nats.
  /// - Throws: `LatentError` when the likelihood does so however small the steps are.
  @discardableResult
  func run(_ codes: [Float]) throws -> Double {
    let start = try values()
    for learningRate in [1, 0.2, 0.04].map({ $0 * SamplerTraining.learningRate }) {
      if let logLikelihood = try train(codes, learningRate: learningRate) { return logLikelihood }
      try restore(start)
    }
    throw LatentError.failure(
      "The flow cannot be fitted because its likelihood does not stay a finite number",
      remedy: "Give --sampler gmm, or train the run so that its codes have no extreme values")
  }

  /// The mean log-likelihood of the held-out codes after training, or `nil` where it stops being a number.
  private func train(_ codes: [Float], learningRate: Double) throws -> Double? {
    let width = density.shape.latents
    let count = codes.count / width
    let plan = SamplerTraining(codes: count)
    let order = Shuffler.permutation(count: count, seed: derivedSeed(seed, "held-out codes"), epoch: 0)
    let heldOut = order.prefix(plan.heldOut).flatMap { codes[($0 * width)..<(($0 + 1) * width)] }
    let training = Array(order.dropFirst(plan.heldOut))
    let optimizer = OptimizerState(
      Optimizer(.adam, learningRate: learningRate, clipNorm: 10), over: density.variables)
    let step = try step(optimizer, batchSize: plan.batchSize)
    let inputs = NamedInputs(step)
    let schedule = LearningRateSchedule(.cosine)
    let stepsPerEpoch = training.count / plan.batchSize
    var (stopping, best, taken) = (EarlyStopping(), try values(), 0)
    for epoch in 0..<plan.epochs where stopping.epochsSinceBest < plan.patience {
      // The few that do not fill a batch are others in each epoch.
      let shuffled = Shuffler.permutation(count: training.count, seed: derivedSeed(seed, "codes"), epoch: epoch)
      for index in 0..<stepsPerEpoch {
        inputs.fill("codes") { batch in
          for row in 0..<plan.batchSize {
            let place = training[shuffled[index * plan.batchSize + row]] * width
            for latent in 0..<width { batch[row * width + latent] = codes[place + latent] }
          }
        }
        let factor = schedule.factor(step: taken, stepsPerEpoch: stepsPerEpoch, epochs: plan.epochs)
        inputs.fill("learning rate") { $0[0] = Float(learningRate * factor) }
        try step.run(RandomState(seed: derivedSeed(seed, "jitter"), step: UInt64(taken)))
        taken += 1
      }
      let logLikelihood = try logDensities(of: heldOut).mean
      guard logLikelihood.isFinite else { return nil }
      if stopping.note(logLikelihood) { best = try values() }
    }
    try restore(best)
    return stopping.best
  }

  /// log p of standardised codes, in nats each.
  func logDensities(of codes: [Float]) throws -> [Double] {
    let width = density.shape.latents
    var executables: [Int: any Executable] = [:]
    var result: [Double] = []
    for first in stride(from: 0, to: codes.count / width, by: Self.chunk) {
      let count = min(Self.chunk, codes.count / width - first)
      let executable = try executables[count] ?? evaluation(count)
      executables[count] = executable
      NamedInputs(executable).fill("codes") {
        _ = $0.update(fromContentsOf: codes[(first * width)..<((first + count) * width)])
      }
      try executable.run(RandomState(seed: 0))
      result += executable.output(0).doubles
    }
    return result
  }

  private func values() throws -> [HostTensor] { try density.variables.map(store.value) }

  private func restore(_ values: [HostTensor]) throws {
    for (variable, value) in zip(density.variables, values) { try store.set(variable, to: value) }
  }

  private func step(_ optimizer: OptimizerState, batchSize: Int) throws -> any Executable {
    let graph = Graph()
    let batch = graph.input("codes", shape: [batchSize, density.shape.latents])
    let learningRate = graph.input("learning rate", shape: .scalar)
    let blurred = batch + graph.random(.normal, shape: batch.shape) * Self.jitter
    let loss = -density.distribution(count: batchSize, in: graph).logProbability(blurred).mean()
    optimizer.minimize(loss, learningRate: learningRate)
    return try backend.compile(Program(graph: graph, outputs: [loss]), state: store)
  }

  private func evaluation(_ count: Int) throws -> any Executable {
    let graph = Graph()
    let codes = graph.input("codes", shape: [count, density.shape.latents])
    let result = density.distribution(count: count, in: graph).logProbability(codes)
    return try backend.compile(Program(graph: graph, outputs: [result]), state: store)
  }
}
