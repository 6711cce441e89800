import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// Posteriors of choices: densities, relaxed draws, and gradients by scores against enumeration.
@Suite struct ChoicePosteriorTests {
  private let logits = [0.3, -1.2, 0.9, 2.0, 0.1, -0.4]

  private func run(_ outputs: (Tensor) -> [Tensor], rows: Int = 1, seed: UInt64 = 0) throws -> [[Double]] {
    let graph = Graph()
    let input = graph.input("logits", shape: [rows, 6])
    let program = Program(graph: graph, outputs: outputs(input))
    let values = (0..<rows).flatMap { _ in logits }
    return try CPUBackend().compile(program, state: VariableStore(seed: 0)).run(
      [HostTensor(values, shape: [rows, 6])], random: RandomState(seed: seed)
    ).map(\.doubles)
  }

  private func choices(_ logits: Tensor, _ draws: ChoiceDraws, temperature: Double = 1) -> Choices {
    Choices(
      logits: logits, categories: 3,
      draws: ChoiceSampling(draws: draws, temperature: logits.graph.constant(temperature)))
  }

  /// The softmax of each half of the logits.
  private var probabilities: [Double] {
    [logits[..<3], logits[3...]].flatMap { half in
      let weights = half.map { Foundation.exp($0) }
      return weights.map { $0 / weights.reduce(0, +) }
    }
  }

  @Test func theDensityOfChoicesSumsToOneAndTheirRateIsTheirEntropys() throws {
    var values = [Double](repeating: 0, count: 54)
    for pair in 0..<9 {
      values[pair * 6 + pair / 3] = 1
      values[pair * 6 + 3 + pair % 3] = 1
    }
    let results = try run { logits in
      let distribution = choices(logits, .discrete)
      let all = logits.graph.constant(values, shape: [9, 1, 6])
      let uniform = UniformChoices(count: 1, latents: 6, categories: 3, graph: logits.graph)
      return [
        distribution.logProbability(all), distribution.closedFormKullbackLeibler(to: uniform) ?? all,
        uniform.logProbability(all),
      ]
    }
    let masses = results[0].map { Foundation.exp($0) }
    #expect(abs(masses.reduce(0, +) - 1) < 1e-5)
    var rate = 0.0
    for (logarithm, mass) in zip(results[0], masses) { rate += mass * (logarithm + Foundation.log(9)) }
    #expect(results[1].count == 1 && abs(results[1][0] - rate) < 1e-5)
    #expect(largestDifference(results[2], [Double](repeating: -Foundation.log(9), count: 9)) < 1e-5)
  }

  @Test("Draws are as often what they should be, at any temperature", arguments: ChoiceDraws.allCases)
  func draws(_ draws: ChoiceDraws) throws {
    let rows = 40_000
    let results = try run(
      { [choices($0, draws, temperature: 0.3).sample(count: nil), choices($0, .discrete).sample(count: nil)] },
      rows: rows)[0]
    var counts = [Double](repeating: 0, count: 6)
    for row in 0..<rows {
      for choice in 0..<2 {
        let values = Array(results[(row * 6 + choice * 3)..<(row * 6 + choice * 3 + 3)])
        #expect(abs(values.reduce(0, +) - 1) < 1e-4)
        let largest = values.max() ?? 0
        counts[choice * 3 + (values.firstIndex(of: largest) ?? 0)] += 1 / Double(rows)
        if draws != .relaxed { #expect(abs(largest - 1) < 1e-5) }
      }
    }
    #expect(largestDifference(counts, probabilities) < 0.012)
  }

  @Test func coinsRelaxTheSameWay() throws {
    let rows = 40_000
    let results = try run(
      { logits in
        let sampling = { (draws: ChoiceDraws) in
          ChoiceSampling(draws: draws, temperature: logits.graph.constant(0.4))
        }
        let coins = { Coins(logits: logits, draws: sampling($0)).sample(count: nil) }
        return [coins(.relaxed).compare(.greater, 0.5).converted(to: .float32).mean([0]), coins(.discrete).mean([0])]
      }, rows: rows)
    let expected = logits.map { 1 / (1 + Foundation.exp(-$0)) }
    for frequencies in results { #expect(largestDifference(frequencies, expected) < 0.012) }
  }

  /// The encoder's gradient by scores, averaged over many draws, is that of the bound's exact expectation.
  @Test("Scores give the gradient of the expected bound", arguments: [1, 2])
  func scores(_ count: Int) throws {
    let specification = VariationalAutoencoder(
      prior: .uniformChoices(dimensions: 2), encoder: .mlp(hidden: [], posterior: .bernoulli(draws: .discrete)),
      decoder: .mlp(hidden: []))
    let model = Model(specification, exampleShape: [3])
    let objective =
      count == 1
      ? Objective(.evidenceLowerBound, estimator: .monteCarlo, gradient: .scoreFunction)
      : Objective(.importanceWeighted, estimator: .monteCarlo, gradient: .leaveOneOut, importanceSamples: count)
    try specification.validate(exampleShape: [3], objective: objective)
    let rows = 20_000
    let store = VariableStore(seed: 4)
    let variables = model.inferenceVariables
    for variable in variables {
      let values = (0..<variable.shape.elementCount).map { 0.7 * Foundation.sin(Double($0) + 1) }
      try store.set(variable, to: HostTensor(values, shape: variable.shape))
    }

    func gradients(_ count: Int, _ loss: (Graph, Tensor) -> Tensor) throws -> Program {
      let graph = Graph()
      let x = graph.input("x", shape: [count, 3])
      let loss = loss(graph, x)
      return Program(graph: graph, outputs: gradient(of: loss, withRespectTo: variables.map(graph.read)))
    }
    let example = [1.0, 0, 1]
    let sampled = try CPUBackend().compile(
      gradients(rows) { graph, x in
        let step = objective.loss(
          model, ExampleBatch(examples: x), objective.makeVariables(specification),
          ObjectiveSchedule(objective, in: graph),
          examples: rows)
        // The encoder's loss comes first.
        return step.losses[0].loss
      }, state: store)
    var mean = variables.map { [Double](repeating: 0, count: $0.shape.elementCount) }
    let input = HostTensor((0..<rows).flatMap { _ in example }, shape: [rows, 3])
    for step in 0..<10 {
      let values = try sampled.run([input], random: RandomState(seed: 1, step: UInt64(step)))
      for index in mean.indices { mean[index] = zip(mean[index], values[index].doubles).map { $0 + $1 / 10 } }
    }

    let exact = try CPUBackend().compile(
      gradients(1) { graph, x in
        let states = graph.constant([0, 0, 0, 1, 1, 0, 1, 1], shape: [4, 1, 2])
        let logProbability = (model.posterior(x, mode: .inference) ?? StandardNormal(shape: [1, 2], in: graph))
          .logProbability(states)
        let weights = (model.logLikelihood(x, states, mode: .inference) - Foundation.log(4) - logProbability).reshape([
          4
        ])
        let masses = logProbability.reshape([4])
        guard count == 2 else { return -(masses.exp() * weights).sum() }
        let pairs = (weights.reshape([4, 1]).exp() + weights.reshape([1, 4]).exp()).log() - Foundation.log(2)
        return -((masses.reshape([4, 1]) + masses.reshape([1, 4])).exp() * pairs).sum()
      }, state: store
    ).run([HostTensor(example, shape: [1, 3])])
    for (mean, exact) in zip(mean, exact) {
      #expect(exact.doubles.contains { abs($0) > 0.02 })
      #expect(largestDifference(mean, exact.doubles) < 0.012, "\(mean) \(exact.doubles)")
    }
  }
}
