import Foundation
import Latent
import TestSupport
import Testing

/// Each optimiser against its published update, written out in scalars.
@Suite(.serialized) struct UpdateRuleTests {
  /// f(w) = sum (w - target)^2 / 2 * scale, whose gradient is (w - target) * scale.
  static let targets = [1.0, -2, 0.5]
  static let scales = [1.0, 10, 0.1]
  static let start = [0.3, 0.2, -0.7]

  /// The parameter after each of some steps, by the graph on the reference back end in float32 variables.
  private func trajectory(_ optimizer: Optimizer, steps: Int) throws -> [[Double]] {
    let w = Variable("w", shape: [3], initializer: .values(Self.start))
    let graph = Graph()
    let state = OptimizerState(optimizer, over: [w])
    let difference = graph.read(w) - graph.constant(Self.targets, shape: [3])
    let loss = (difference.squared() * graph.constant(Self.scales, shape: [3])).sum() * 0.5
    let rate = graph.input("rate", shape: .scalar)
    state.minimize(loss, learningRate: rate)
    let store = VariableStore(seed: 0)
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: [rate]), state: store)
    return try (0..<steps).map { _ in
      _ = try executable.run([HostTensor([optimizer.learningRate], shape: .scalar)])
      return try store.value(of: w).doubles
    }
  }

  /// The same by a rule for one number: (w, gradient, step from 1, state) to (w, state).
  private func published(
    _ steps: Int, _ rule: (Double, Double, Int, [Double]) -> (Double, [Double])
  ) -> [[Double]] {
    var w = Self.start
    var state = [[Double]](repeating: [0, 0], count: 3)
    return (1...steps).map { step in
      for index in 0..<3 {
        let gradient = (w[index] - Self.targets[index]) * Self.scales[index]
        (w[index], state[index]) = rule(w[index], gradient, step, state[index])
      }
      return w
    }
  }

  private func expectEqual(_ left: [[Double]], _ right: [[Double]]) {
    #expect(largestDifference(left.flatMap { $0 }, right.flatMap { $0 }) < 1e-5)
  }

  @Test func sgd() throws {
    expectEqual(
      try trajectory(Optimizer(.sgd, learningRate: 0.05), steps: 20), published(20) { w, g, _, s in (w - 0.05 * g, s) })
  }

  @Test func sgdWithMomentum() throws {
    expectEqual(
      try trajectory(Optimizer(.sgd, learningRate: 0.02, momentum: 0.9), steps: 20),
      published(20) { w, g, _, s in
        let v = 0.9 * s[0] + g
        return (w - 0.02 * v, [v, 0])
      })
  }

  @Test func adagrad() throws {
    expectEqual(
      try trajectory(Optimizer(.adagrad, learningRate: 0.1), steps: 20),
      published(20) { w, g, _, s in
        let v = s[0] + g * g
        return (w - 0.1 * g / (v.squareRoot() + 1e-8), [v, 0])
      })
  }

  @Test func rmsProp() throws {
    expectEqual(
      try trajectory(Optimizer(.rmsProp, learningRate: 0.01, beta2: 0.9), steps: 20),
      published(20) { w, g, _, s in
        let v = 0.9 * s[0] + 0.1 * g * g
        return (w - 0.01 * g / (v.squareRoot() + 1e-8), [v, 0])
      })
  }

  private func adam(decay: Double) -> (Double, Double, Int, [Double]) -> (Double, [Double]) {
    { w, g, t, s in
      let m = 0.9 * s[0] + 0.1 * g
      let v = 0.999 * s[1] + 0.001 * g * g
      let (mean, square) = (m / (1 - pow(0.9, Double(t))), v / (1 - pow(0.999, Double(t))))
      return (w - 0.01 * decay * w - 0.01 * mean / (square.squareRoot() + 1e-4), [m, v])
    }
  }

  @Test func adamWithALargeEpsilon() throws {
    expectEqual(
      try trajectory(Optimizer(.adam, learningRate: 0.01, epsilon: 1e-4), steps: 50), published(50, adam(decay: 0)))
  }

  @Test func adamW() throws {
    expectEqual(
      try trajectory(Optimizer(.adamW, learningRate: 0.01, epsilon: 1e-4, weightDecay: 0.1), steps: 50),
      published(50, adam(decay: 0.1)))
  }

  @Test func adamax() throws {
    expectEqual(
      try trajectory(Optimizer(.adamax, learningRate: 0.01), steps: 50),
      published(50) { w, g, t, s in
        let m = 0.9 * s[0] + 0.1 * g
        let u = max(0.999 * s[1], abs(g))
        return (w - 0.01 / (1 - pow(0.9, Double(t))) * m / (u + 1e-8), [m, u])
      })
  }

  @Test func clippingScalesAllGradientsByOneFactor() throws {
    let norm = { (w: [Double]) in
      zip(zip(w, Self.targets), Self.scales).reduce(0) { $0 + pow(($1.0.0 - $1.0.1) * $1.1, 2) }.squareRoot()
    }
    let expected = zip(zip(Self.start, Self.targets), Self.scales).map { pair, scale in
      pair.0 - 0.05 * (pair.0 - pair.1) * scale / norm(Self.start) * 0.5
    }
    expectEqual(try trajectory(Optimizer(.sgd, learningRate: 0.05, clipNorm: 0.5), steps: 1), [expected])
    expectEqual(
      try trajectory(Optimizer(.sgd, learningRate: 0.05, clipNorm: 1e6), steps: 5),
      try trajectory(Optimizer(.sgd, learningRate: 0.05), steps: 5))
  }

  /// Gradients 3 and 4: their norm is 5, and clipped to 1 they are 0.6 and 0.8.
  @Test func theNormIsThatOfAllParametersTogether() throws {
    let a = Variable("a", shape: [1], initializer: .values([3]))
    let b = Variable("b", shape: [], initializer: .values([4]))
    let graph = Graph()
    let state = OptimizerState(Optimizer(.sgd, learningRate: 1, clipNorm: 1), over: [a, b])
    let loss = (graph.read(a).squared().sum() + graph.read(b).squared()) * 0.5
    let norm = state.minimize(loss, learningRate: graph.constant(1))
    let store = VariableStore(seed: 0)
    let outputs = try CPUBackend().compile(Program(graph: graph, outputs: [norm]), state: store).run([])
    #expect(abs(outputs[0].doubles[0] - 5) < 1e-6)
    #expect(abs(try store.value(of: a).doubles[0] - 2.4) < 1e-6)
    #expect(abs(try store.value(of: b).doubles[0] - 3.2) < 1e-6)
  }

  /// Each loss moves its own parameters; a parameter of none stays, whatever the losses say of it.
  @Test func everyLossMovesItsOwnParameters() throws {
    let variables = ["a", "b", "c"].map { Variable($0, shape: [1], initializer: .values([1])) }
    let graph = Graph()
    let state = OptimizerState(Optimizer(.sgd, learningRate: 1), over: variables)
    let sum = variables.reduce(graph.constant(0)) { $0 + graph.read($1).sum() }
    state.minimize(
      [(loss: sum * 2, variables: [variables[0]]), (loss: sum * 3, variables: [variables[1]])],
      learningRate: graph.constant(1))
    let store = VariableStore(seed: 0)
    try CPUBackend().compile(Program(graph: graph, outputs: []), state: store).run(RandomState(seed: 0))
    #expect(try variables.map { try store.value(of: $0).doubles[0] } == [-1, -2, 1])
  }

  /// After t steps the decay is at most (1 + t) / (10 + t).
  @Test(arguments: [0.1, 0.75])
  func theAverageFollowsTheWeights(_ decay: Double) throws {
    let w = Variable("w", shape: [2], initializer: .normal(standardDeviation: 1))
    let graph = Graph()
    let state = OptimizerState(Optimizer(.sgd, learningRate: 1, averageDecay: decay), over: [w])
    state.minimize(graph.read(w).sum(), learningRate: graph.constant(1))
    let store = VariableStore(seed: 0)
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: []), state: store)
    let average = try #require(state.averages[w])
    // It starts with the weights, each of which then falls by 1 a step.
    let start = try store.value(of: w).doubles
    #expect(try store.value(of: average).doubles == start)
    var expected = start
    for step in 1...20 {
      try executable.run(RandomState(seed: 0))
      let weight = min(decay, (1 + Double(step)) / (10 + Double(step)))
      expected = zip(expected, start).map { $0 * weight + ($1 - Double(step)) * (1 - weight) }
      expectEqual([try store.value(of: average).doubles], [expected])
    }
  }

  /// Steps of one group must not count in the bias correction of another.
  @Test func aGroupCountsItsOwnSteps() throws {
    let (w, v) = (
      Variable("w", shape: [1], initializer: .values([1])), Variable("v", shape: [1], initializer: .values([1]))
    )
    let store = VariableStore(seed: 0)
    let state = OptimizerState(.adam(learningRate: 0.1), over: [w, v], groups: ["ahead": [w]])
    func step(_ variables: [Variable]) throws -> any Executable {
      let graph = Graph()
      let loss = variables.map { graph.read($0).sum() }.reduce(graph.constant(0), +)
      state.minimize([(loss, variables)], learningRate: graph.constant(0.1))
      return try CPUBackend().compile(Program(graph: graph, outputs: []), state: store)
    }
    let (ahead, behind) = (try step([w]), try step([v]))
    for _ in 0..<50 { try ahead.run(RandomState(seed: 0)) }
    try behind.run(RandomState(seed: 0))
    // Adam's first step on a constant gradient is the learning rate; with a count of 51 it would be 0.32.
    #expect(abs(try store.value(of: v).doubles[0] - 0.9) < 1e-6)
    try step([w, v]).run(RandomState(seed: 0))
    #expect(abs(try store.value(of: v).doubles[0] - 0.8) < 1e-6)
    #expect(Set(state.variables.map(\.name)).count == state.variables.count)
  }
}
