import Foundation
import Latent
import TestSupport
import Testing

/// What depends on what in a masked network, and its evaluation in rounds.
@Suite(.serialized) struct MaskedNetworkTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var dimensions: Int
    var hidden: [Int]
    var context: Int
    var isReversed: Bool

    var testDescription: String { "D = \(dimensions), \(hidden), context \(context)\(isReversed ? ", reversed" : "")" }

    func make() throws -> (network: MaskedNetwork, store: VariableStore) {
      let network = MaskedNetwork(
        "network", dimensions: dimensions, outputs: 2, hidden: hidden, context: context, activation: .tanh,
        isReversed: isReversed)
      let store = VariableStore(seed: 0)
      try randomize(network.variables, in: store, deviation: 1)
      return (network, store)
    }
  }

  static let cases: [Case] = [1, 2, 3, 5].flatMap { dimensions in
    // The last has fewer hidden units than dimensions.
    [[8], [11, 9], [3, 2]].flatMap { hidden in
      [0, 2].flatMap { context in
        [false, true].map { Case(dimensions: dimensions, hidden: hidden, context: context, isReversed: $0) }
      }
    }
  }

  private func derivatives(_ of: Case, input: Int) throws -> [[Double]] {
    let (network, store) = try of.make()
    let function = try DoubleFunction([[1, of.dimensions], [1, of.context]], store: store) { _, inputs in
      [network(inputs[0], context: of.context > 0 ? inputs[1] : nil)]
    }
    return try function.derivatives(
      output: 0, input: input, at: [normals(of.dimensions, "x"), normals(of.context, "context")])
  }

  @Test(arguments: cases)
  func anOutputDependsOnTheDimensionsBeforeItAlone(_ of: Case) throws {
    let jacobian = try derivatives(of, input: 0)
    #expect(jacobian.count == 2 * of.dimensions)
    var isUsed = false
    for (output, row) in jacobian.enumerated() {
      for (input, derivative) in row.enumerated() {
        let dimension = output % of.dimensions
        let isBefore = of.isReversed ? input > dimension : input < dimension
        if !isBefore { #expect(derivative == 0) }
        isUsed = isUsed || derivative != 0
        // Wide layers connect all that may be.
        if isBefore, of.hidden[0] >= 8 { #expect(derivative != 0) }
      }
    }
    #expect(isUsed == (of.dimensions > 1))
  }

  @Test(arguments: cases.filter { $0.context > 0 })
  func theContextReachesEveryOutput(_ of: Case) throws {
    #expect(try derivatives(of, input: 1).allSatisfy { $0.allSatisfy { $0 != 0 } })
  }

  /// x_i = f(outputs for i) worked out in rounds must be the point at which one pass gives these outputs.
  @Test(arguments: cases)
  func roundsGiveTheFixedPointOfAPass(_ of: Case) throws {
    let (network, store) = try of.make()
    for leading in [[], [3], [2, 3]] {
      let function = try DoubleFunction([[3, of.context]], store: store) { graph, inputs in
        let context = of.context > 0 ? inputs[0] : nil
        let leading = context == nil ? leading : [2, 3]
        let x = network.sequence(leading: leading, context: context, in: graph) { _, outputs in
          ((outputs.slice(-1, 0..<1) + outputs.slice(-1, 1..<2) * 2).sine(), [])
        }.values
        let pass = network(x, context: context)
        let again = (pass.slice(-2, 0..<1) + pass.slice(-2, 1..<2) * 2).sine()
        return [x, again.reshape(x.shape)]
      }
      let values = try function([normals(3 * of.context, "context")])
      #expect(largestDifference(values[0], values[1]) < 1e-12)
    }
  }

  /// The loop against the same rounds written out, on the processor.
  @Test(arguments: [false, true])
  func theLoopDrawsWhatItsRoundsDrawOneByOne(_ isReversed: Bool) throws {
    let size = 64
    let (network, store) = try Case(dimensions: size, hidden: [96, 80], context: 0, isReversed: isReversed).make()
    func program(isLoop: Bool) -> Program {
      let graph = Graph()
      let z = graph.input("z", shape: [5, size])
      func next(_ slices: [Tensor], _ outputs: Tensor) -> (value: Tensor, also: [Tensor]) {
        (slices[0] * outputs.slice(-1, 1..<2).tanh().exp() + outputs.slice(-1, 0..<1).tanh(), [])
      }
      if isLoop {
        let draw = network.sequence(leading: [5], slicing: [z], in: graph, next: next).values
        return Program(graph: graph, outputs: [draw])
      }
      let rounds = MaskedRounds(network, leading: [5], context: nil, slicing: [z], in: graph)
      var carried = rounds.initial
      for round in 0..<size {
        let slices = rounds.sequences.map {
          $0.slice(0, round..<(round + 1)).reshape(Shape(Array($0.shape.dimensions.dropFirst())))
        }
        carried = rounds.step(carried, slices, next).carried
      }
      return Program(graph: graph, outputs: [carried[0]])
    }
    let z = HostTensor(normals(5 * size, "z"), shape: [5, size])
    let draws = try [true, false].map { try CPUBackend().compile(program(isLoop: $0), state: store).run([z])[0] }
    #expect(draws[0].bytes == draws[1].bytes)
    #expect(Set(draws[0].floats).count > 300)
  }

  @Test func aMaskedLayerIsADenseOneWithZeros() throws {
    let layer = MaskedDense("layer", inputDegrees: [1, 2, 3], outputDegrees: [2, 0], activation: .relu)
    let strict = MaskedDense("strict", inputDegrees: [1, 2, 3], outputDegrees: [2, 9], isStrict: true)
    let store = VariableStore(seed: 0)
    for layer in [layer, strict] {
      try store.set(layer.kernel, to: HostTensor([1, 10, 2, 20, 3, 30].map { Double($0) }, shape: [3, 2]))
      try store.set(layer.bias, to: HostTensor([0.5, -0.5], shape: [2]))
    }
    let function = try DoubleFunction([[1, 3]], store: store) { _, inputs in
      [layer(inputs[0], mode: .training), strict(inputs[0])]
    }
    let values = try function([[1, 1, 1]])
    #expect(values == [[3.5, 0], [1.5, 59.5]])
  }

  @Test func noGradientFlowsToAFrozenNetwork() throws {
    let (network, store) = try Case(dimensions: 3, hidden: [8], context: 2, isReversed: false).make()
    let function = try DoubleFunction([[1, 3], [1, 2]], store: store) { graph, inputs in
      let loss = network.frozen(inputs[0], context: inputs[1]).sum()
      let same = network.frozen(inputs[0], context: inputs[1]) - network(inputs[0], context: inputs[1])
      return [same] + gradient(of: loss, withRespectTo: [inputs[0]] + network.variables.map(graph.read))
    }
    let values = try function([normals(3, "x"), normals(2, "context")])
    #expect(values[0].allSatisfy { $0 == 0 })
    #expect(values[1].contains { $0 != 0 })
    #expect(values.dropFirst(2).allSatisfy { $0.allSatisfy { $0 == 0 } })
  }
}
