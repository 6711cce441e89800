import Foundation
import Latent
import TestSupport
import Testing

/// What training does to flows.
@Suite(.serialized) struct FlowTrainingTests {
  /// Points on two crescents.
  private func moons(_ count: Int, _ name: String) -> [Float] {
    var stream = RandomStream(seed: 5, name: name)
    return (0..<count).flatMap { index -> [Float] in
      let angle = Double.pi * stream.nextUniform()
      let jitter = (0..<2).map { _ in 0.2 * (stream.nextUniform() - 0.5) }
      return index % 2 == 0
        ? [Float(cos(angle) + jitter[0]), Float(sin(angle) + jitter[1])]
        : [Float(1 - cos(angle) + jitter[0]), Float(0.5 - sin(angle) + jitter[1])]
    }
  }

  @Test(arguments: [FlowStack.Kind.maskedAutoregressive, .realNVP])
  func aFlowLearnsTwoMoonsBetterThanAnyNormal(_ kind: FlowStack.Kind) throws {
    let stack = FlowStack("stack", kind: kind, dimensions: 2, steps: 5, hidden: [32, 32])
    let store = VariableStore(seed: 2)
    let state = OptimizerState(.adam(learningRate: 3e-3), over: stack.variables)
    func mean(_ x: Tensor) -> Tensor {
      TransformedDistribution(base: StandardNormal(shape: [2], in: x.graph), through: stack.bijections())
        .logProbability(x).mean()
    }
    let training = Graph()
    let batch = training.input("x", shape: [250, 2])
    let loss = -mean(batch)
    state.minimize(loss, learningRate: training.constant(state.optimizer.learningRate))
    let step = try CPUBackend().compile(Program(graph: training, outputs: [loss]), state: store)
    let points = moons(2000, "training")
    for iteration in 0..<800 {
      let start = iteration % 8 * 500
      _ = try step.run([HostTensor(Array(points[start..<(start + 500)]), shape: [250, 2])])
    }
    let testing = Graph()
    let x = testing.input("x", shape: [1000, 2])
    let heldOut = moons(1000, "test")
    let reached = try CPUBackend().compile(Program(graph: testing, outputs: [mean(x)]), state: store)
      .run([HostTensor(heldOut, shape: [1000, 2])])[0].doubles[0]
    // No Normal does better on points than the one with their own moments.
    let rows = (0..<1000).map { [Double(heldOut[2 * $0]), Double(heldOut[2 * $0 + 1])] }
    let covariance = LinearGaussian(rows: rows).covariance
    let determinant = covariance[0][0] * covariance[1][1] - covariance[0][1] * covariance[1][0]
    let normal = -log(2 * .pi) - 0.5 * log(determinant) - 1
    #expect(reached > normal + 0.5, "\(reached) and \(normal) nats")
  }

  /// A ring with two gaps, which a flow must stretch and bend a Normal for.
  private func target(_ x: Tensor) -> Tensor {
    let radius = (x.squared().sum([-1]) + 1e-6).squareRoot()
    let side = x.slice(-1, 0..<1).reshape(radius.shape)
    let gaps = Tensor.concatenate(
      [
        ((side - 2) * (1 / 0.6)).squared().expandingDimension(0),
        ((side + 2) * (1 / 0.6)).squared().expandingDimension(0),
      ],
      dimension: 0)
    return ((radius - 2) * (1 / 0.4)).squared() * -0.5 + (gaps * -0.5).logSumExp([0])
  }

  /// Trains steps of a map with a large learning rate and gives, for each update, the loss and what a map must keep to.
  private func train(
    parameters count: Int, steps: Int, learningRate: Double, _ make: (Tensor) -> (any Bijection, constrained: Tensor)
  ) throws -> [(loss: Double, constrained: [Double])] {
    let variables = (0..<8).map {
      Variable("map\($0)", shape: [1, count], initializer: .normal(standardDeviation: 0.5))
    }
    let graph = Graph()
    let made = variables.map { make(graph.read($0)) }
    let q = TransformedDistribution(base: StandardNormal(shape: [200, 2], in: graph), through: made.map { $0.0 })
    let (x, logProbability) = q.sampleWithLogProbability(count: nil)
    let loss = (logProbability - target(x)).mean()
    OptimizerState(.adam(learningRate: learningRate), over: variables)
      .minimize(loss, learningRate: graph.constant(learningRate))
    let constrained = Tensor.concatenate(made.map { $0.constrained.reshape([-1]) }, dimension: 0)
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: [loss, constrained]), state: VariableStore(seed: 4))
    return try (0..<steps).map { step in
      let values = try executable.run([], random: RandomState(seed: 0, step: UInt64(step))).map(\.doubles)
      return (values[0][0], values[1])
    }
  }

  private func expectLearned(_ history: [(loss: Double, constrained: [Double])]) {
    #expect(history.allSatisfy { $0.loss.isFinite })
    let (first, last) = (history.prefix(10), history.suffix(50))
    let start = first.reduce(0) { $0 + $1.loss } / 10
    let end = last.reduce(0) { $0 + $1.loss } / 50
    #expect(end < start - 0.5, "from \(start) to \(end) nats")
  }

  @Test(arguments: [0.02, 0.3, 3])
  func planarFlowsStayInvertibleHoweverTheyAreTrained(_ learningRate: Double) throws {
    let history = try train(
      parameters: PlanarFlow.parameterCount(dimensions: 2), steps: 400, learningRate: learningRate
    ) {
      let flow = PlanarFlow(parameters: $0)
      // From the vectors themselves, not from what the flow says of them, and with what float32 can take off such a
      // product when u' is a small difference of large vectors, as the largest rate makes it.
      let lengths = flow.w.absoluteValue() * (flow.u.absoluteValue() + flow.constrainedU.absoluteValue())
      return (flow, (flow.w * flow.constrainedU).sum([-1]) + lengths.sum([-1]) * 0x1p-22)
    }
    let products = history.flatMap { $0.constrained }
    #expect(products.allSatisfy { $0 >= -1 })
    #expect(history.allSatisfy { $0.loss.isFinite })
    if learningRate < 0.1 { expectLearned(history) }
    // The constraint was needed.
    if learningRate > 0.1 { #expect(products.contains { $0 < -0.9 }) }
  }

  @Test(arguments: [0.02, 1])
  func radialFlowsStayInvertibleHoweverTheyAreTrained(_ learningRate: Double) throws {
    let history = try train(
      parameters: RadialFlow.parameterCount(dimensions: 2), steps: 400, learningRate: learningRate
    ) {
      let flow = RadialFlow(parameters: $0)
      return (flow, flow.beta / flow.alpha)
    }
    #expect(history.allSatisfy { $0.loss.isFinite && $0.constrained.allSatisfy { $0 > -1 } })
    if learningRate < 0.1 { expectLearned(history) }
  }

  @Test(arguments: [0.02, 1])
  func sylvesterFlowsStayInvertibleHoweverTheyAreTrained(_ learningRate: Double) throws {
    let count = SylvesterFlow.parameterCount(dimensions: 2, reflections: 2)
    let history = try train(parameters: count, steps: 400, learningRate: learningRate) {
      let flow = SylvesterFlow(parameters: $0, dimensions: 2, reflections: 2)
      return (flow, flow.outerDiagonal * flow.innerDiagonal)
    }
    #expect(history.allSatisfy { $0.loss.isFinite && $0.constrained.allSatisfy { $0 > -1 } })
    if learningRate < 0.1 { expectLearned(history) }
  }

  /// z + u' tanh(w z + b) along w, at parameters far beyond what training finds.
  @Test func aPlanarFlowIsIncreasingHoweverNegativeItsSlopeIsAskedToBe() throws {
    let products = stride(from: -60.0, through: 60, by: 2.5).map { $0 }
    let function = try DoubleFunction([[401, 1, 1], [products.count, 1], [products.count, 1]]) { _, inputs in
      let flow = PlanarFlow(w: inputs[1], u: inputs[2], b: inputs[1] * 0)
      let (value, logDeterminant) = flow.forward(inputs[0])
      return [value, logDeterminant]
    }
    let points = (0...400).map { -4 + 0.02 * Double($0) }
    let widths = products.map { abs($0).squareRoot() + 0.1 }
    let outputs = try function([points, widths, zip(products, widths).map { $0 / $1 }])
    for product in products.indices {
      let images = points.indices.map { outputs[0][$0 * products.count + product] }
      #expect(zip(images, images.dropFirst()).allSatisfy { $0 < $1 })
    }
    #expect(outputs[1].allSatisfy { $0.isFinite })
  }
}
