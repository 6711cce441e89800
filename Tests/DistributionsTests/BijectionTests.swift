import Foundation
import Latent
import TestSupport
import Testing

/// Laws that every bijection obeys, at points [S, B, D] with a context [B, C].
@Suite(.serialized) struct BijectionTests {
  static let samples = 2
  static let batch = 3

  private func values(_ bijection: BijectionCase) -> [[Double]] {
    [
      normals(Self.samples * Self.batch * bijection.dimensions, "points"),
      normals(Self.batch * bijection.contextSize, "context \(bijection.kind)").map { 1.5 * $0 },
    ]
  }

  private func shapes(_ bijection: BijectionCase) -> [Shape] {
    [[Self.samples, Self.batch, bijection.dimensions], [Self.batch, bijection.contextSize]]
  }

  /// Variables with random values, in a store.
  private func store(_ variables: [Variable]) throws -> VariableStore {
    let store = VariableStore(seed: 0)
    try randomize(variables, in: store, deviation: 0.6)
    return store
  }

  @Test(arguments: BijectionCase.all)
  func theLogDeterminantIsThatOfTheNumericJacobian(_ bijection: BijectionCase) throws {
    let (variables, maps) = bijection.make()
    let function = try DoubleFunction(shapes(bijection), store: try store(variables)) { _, inputs in
      forward(maps(bijection.hasContext ? inputs[1] : nil), inputs[0])
    }
    let values = values(bijection)
    let outputs = try function(values)
    let jacobians = try function.derivatives(output: 0, input: 0, at: values)
    let size = bijection.dimensions
    #expect(outputs[1].count == Self.samples * Self.batch)
    for (point, logDeterminant) in outputs[1].enumerated() {
      let jacobian = Array(jacobians[(point * size)..<((point + 1) * size)])
      let numeric = eliminated(jacobian, normals(size, "")).determinant
      #expect(abs(log(abs(numeric)) - logDeterminant) < 1e-6)
    }
  }

  @Test(arguments: BijectionCase.all.filter { !$0.kind.isAmortized })
  func theInverseUndoesTheMap(_ bijection: BijectionCase) throws {
    let (variables, maps) = bijection.make()
    let store = try store(variables)
    let values = values(bijection)
    func build(_ inputs: [Tensor]) -> [Tensor] {
      let maps = maps(bijection.hasContext ? inputs[1] : nil)
      let there = forward(maps, inputs[0])
      let back = inverse(maps, there[0])
      return [back[0], there[1] + back[1]]
    }
    let exact = try DoubleFunction(shapes(bijection), store: store) { _, inputs in build(inputs) }(values)
    #expect(largestDifference(exact[0], values[0]) < 1e-9)
    #expect(largestDifference(exact[1], exact[1].map { _ in 0 }) < 1e-9)
    // And in the precision that models are run in.
    let graph = Graph()
    let inputs = shapes(bijection).enumerated().map { place, shape in
      graph.constant(values[place], shape: shape)
    }
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: build(inputs)), state: store)
    let rounded = try executable.run([]).map(\.doubles)
    #expect(largestDifference(rounded[0], values[0]) < 1e-4)
    #expect(largestDifference(rounded[1], exact[1]) < 1e-4)
  }

  @Test(arguments: BijectionCase.all.filter { $0.kind.isAmortized })
  func aMapWithoutAnInverseStillHasOneOriginForEachImage(_ bijection: BijectionCase) throws {
    let (_, maps) = bijection.make()
    #expect(!(maps(Graph().constant([0], shape: [1, bijection.contextSize])).contains { $0.hasInverse }))
    let size = bijection.dimensions
    let function = try DoubleFunction([[1, size], [1, bijection.contextSize]]) { _, inputs in
      forward(maps(inputs[1]), inputs[0])
    }
    for trial in 0..<3 {
      let parameters = normals(bijection.contextSize, "parameters \(trial)").map { 2 * $0 }
      let origin = normals(size, "origin \(trial)")
      let image = try function([origin, parameters])[0]
      // Newton's method from elsewhere, each step shortened until it helps, ends at the origin or nowhere.
      var guess = normals(size, "start \(trial)").map { 3 * $0 }
      func residual(_ z: [Double]) throws -> [Double] { zip(image, try function([z, parameters])[0]).map { $0 - $1 } }
      func length(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      for _ in 0..<200 where length(try residual(guess)) > 1e-12 {
        let rest = try residual(guess)
        let jacobian = try function.derivatives(output: 0, input: 0, at: [guess, parameters])
        let step = eliminated(jacobian, rest).solution
        var share = 1.0
        while share > 1e-6, length(try residual(zip(guess, step).map { $0 + share * $1 })) >= length(rest) {
          share /= 2
        }
        guess = zip(guess, step).map { $0 + share * $1 }
      }
      #expect(largestDifference(guess, origin) < 1e-6)
    }
  }

  @Test(arguments: BijectionCase.all.filter { $0.dimensions == 3 })
  func gradientsAreThoseOfDifferences(_ bijection: BijectionCase) throws {
    let (variables, maps) = bijection.make()
    let store = try store(variables)
    func objective(_ outputs: [Tensor]) -> Tensor {
      outputs.reduce(outputs[0].scalar(0)) { sum, output in
        let weights = output.graph.iota(shape: [output.shape.elementCount], dimension: 0, type: .float32)
        return sum + (output.reshape([output.shape.elementCount]) * (weights * 0.7 + 1).sine()).sum()
      }
    }
    let values = values(bijection)
    func build(_ inputs: [Tensor], _ isBack: Bool) -> Tensor {
      let maps = maps(bijection.hasContext ? inputs[1] : nil)
      return objective(isBack ? inverse(maps, inputs[0]) : forward(maps, inputs[0]))
    }
    for isBack in bijection.kind.isAmortized ? [false] : [false, true] {
      #expect(
        try gradientError(shapes(bijection), values, store: store) { _, inputs in build(inputs, isBack) } < 1e-6)
      // The same for variables, which are float32, so that the differences' steps are what they are rounded to.
      let function = try DoubleFunction(shapes(bijection), store: store) { graph, inputs in
        let result = build(inputs, isBack)
        return [result] + gradient(of: result, withRespectTo: variables.map(graph.read))
      }
      let exact = try function(values).dropFirst()
      for (variable, gradients) in zip(variables, exact) {
        let start = try store.value(of: variable).floats
        for element in stride(from: 0, to: start.count, by: 5) {
          var ends: [(Double, Double)] = []
          for amount in [Float(1e-3), -1e-3] {
            var moved = start
            moved[element] += amount
            try store.set(variable, to: HostTensor(moved, shape: variable.shape))
            ends.append((Double(moved[element]), try function(values)[0][0]))
          }
          let numeric = (ends[0].1 - ends[1].1) / (ends[0].0 - ends[1].0)
          #expect(largestDifference([gradients[element]], [numeric]) < 2e-4)
        }
        try store.set(variable, to: HostTensor(start, shape: variable.shape))
      }
    }
  }

  /// E_q[g / q] = 1 for any density g, also where q is known for its draws only.
  @Test(arguments: BijectionCase.all.filter { $0.dimensions == 2 })
  func drawsComeWithTheirDensity(_ bijection: BijectionCase) throws {
    let (variables, maps) = bijection.make()
    let store = VariableStore(seed: 0)
    try randomize(variables, in: store, deviation: 0.3)
    let graph = Graph()
    let context = graph.constant(
      normals(bijection.contextSize, "context \(bijection.kind)").map { 0.7 * $0 }, shape: [1, bijection.contextSize])
    let q = TransformedDistribution(
      base: StandardNormal(shape: [1, 2], in: graph), through: maps(bijection.hasContext ? context : nil))
    let (draws, logProbability) = q.sampleWithLogProbability(count: 100_000)
    // Centred where q is, and narrower, so that the ratios have a variance.
    let centre = draws.mean([0, 1]).stopGradient()
    let g = DiagonalNormal(mean: centre, logVariance: graph.constant(-3))
    let ratios = try CPUBackend().compile(
      Program(graph: graph, outputs: [(g.logProbability(draws) - logProbability).exp()]), state: store
    ).run([])[0].doubles
    let mean = ratios.reduce(0, +) / Double(ratios.count)
    let variance = ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ratios.count)
    #expect(abs(mean - 1) < 5 * (variance / Double(ratios.count)).squareRoot() + 1e-5)
  }

  @Test(arguments: FlowStack.Kind.allCases)
  func flowsStartNearTheIdentity(_ kind: FlowStack.Kind) throws {
    let stack = FlowStack("stack", kind: kind, dimensions: 4, steps: 1, hidden: [32, 32])
    let graph = Graph()
    let z = graph.constant(normals(400, "points"), shape: [100, 4])
    let outputs = forward(stack.bijections(), z)
    let values = try CPUBackend().compile(
      Program(graph: graph, outputs: [outputs[0] - z, outputs[1]]), state: VariableStore(seed: 1)
    ).run([]).map(\.doubles)
    // A gate that is open to logistic(2) = 0.88 shortens by an eighth, and log 0.88 = -0.127 for each dimension.
    let isGated = kind == .inverseAutoregressive
    #expect(values[0].allSatisfy { abs($0) < (isGated ? 0.5 : 0.1) })
    #expect(values[1].allSatisfy { abs($0 + (isGated ? 4 * 0.127 : 0)) < 0.1 })
  }

  @Test func zeroParametersAreTheIdentity() throws {
    let cases = BijectionCase.all.filter { $0.kind.isAmortized && $0.dimensions == 3 }
    for bijection in cases {
      let (_, maps) = bijection.make()
      let function = try DoubleFunction(shapes(bijection)) { _, inputs in forward(maps(inputs[1]), inputs[0]) }
      let points = values(bijection)[0]
      let outputs = try function([points, [Double](repeating: 0, count: Self.batch * bijection.contextSize)])
      #expect(largestDifference(outputs[0], points) < 1e-12)
      #expect(largestDifference(outputs[1], outputs[1].map { _ in 0 }) < 1e-12)
    }
  }
}
