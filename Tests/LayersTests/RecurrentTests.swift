import Foundation
import Latent
import TestSupport
import Testing

/// Recurrent networks against their equations and, where it is installed, PyTorch's modules with the same weights.
@Suite(.serialized) struct RecurrentTests {
  private static let (batch, length, inputs, units) = (3, 7, 5, 6)

  private func numbers(_ count: Int, _ seed: String) -> [Double] {
    var stream = RandomStream(seed: 5, name: seed)
    return (0..<count).map { _ in Double(Float(2 * stream.nextUniform() - 1)) }
  }

  private func cell(_ name: String) -> any RecurrentCell {
    name == "GRU"
      ? GatedRecurrentUnit("cell", inputs: Self.inputs, units: Self.units)
      : LongShortTermMemory("cell", inputs: Self.inputs, units: Self.units)
  }

  /// A store with biases that are not zero.
  private func store(_ cell: any RecurrentCell) throws -> VariableStore {
    let store = VariableStore(seed: 3)
    for variable in cell.variables {
      try store.set(
        variable, to: HostTensor(numbers(variable.shape.elementCount, variable.name), shape: variable.shape))
    }
    return store
  }

  @Test(arguments: [false, true])
  func aGatedUnitIsItsEquations(_ isReversed: Bool) throws {
    let (batch, length, inputs, units) = (Self.batch, Self.length, Self.inputs, Self.units)
    let cell = cell("GRU")
    let store = try store(cell)
    let values = numbers(batch * length * inputs, "x")
    let graph = Graph()
    let x = graph.input("x", shape: [batch, length, inputs])
    let outputs = Recurrent(cell, isReversed: isReversed)(x)
    let actual = try CPUBackend().compile(Program(graph: graph, outputs: [outputs]), state: store)
      .run([HostTensor(values, shape: x.shape)])[0].doubles
    let weights = try cell.variables.map { try store.value(of: $0).doubles }
    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    for example in 0..<batch {
      var h = [Double](repeating: 0, count: units)
      for step in isReversed ? Array((0..<length).reversed()) : Array(0..<length) {
        let input = (0..<inputs).map { values[(example * length + step) * inputs + $0] }
        func sum(_ kernel: [Double], _ bias: [Double], _ vector: [Double], _ column: Int) -> Double {
          vector.indices.reduce(bias[column]) { $0 + vector[$1] * kernel[$1 * 3 * units + column] }
        }
        h = (0..<units).map { unit in
          let parts = (0..<3).map { gate in
            (
              sum(weights[0], weights[1], input, gate * units + unit),
              sum(weights[2], weights[3], h, gate * units + unit)
            )
          }
          let (reset, update) = (logistic(parts[0].0 + parts[0].1), logistic(parts[1].0 + parts[1].1))
          let new = tanh(parts[2].0 + reset * parts[2].1)
          return (1 - update) * new + update * h[unit]
        }
        for unit in 0..<units {
          #expect(abs(actual[(example * length + step) * units + unit] - h[unit]) < 1e-5)
        }
      }
    }
  }

  @Test(arguments: ["GRU", "LSTM"])
  func aSequenceInTwoPartsIsTheWhole(_ name: String) throws {
    let network = Recurrent(cell(name))
    let graph = Graph()
    let x = graph.input("x", shape: [Self.batch, Self.length, Self.inputs])
    let whole = network.outputs(of: x)
    let first = network.outputs(of: x.slice(1, 0..<3))
    let second = network.outputs(of: x.slice(1, 3..<Self.length), from: first.state)
    let parts = Tensor.concatenate([first.outputs, second.outputs], dimension: 1)
    let program = Program(graph: graph, outputs: [whole.outputs, parts] + whole.state + second.state)
    let results = try CPUBackend().compile(program, state: store(network.cell))
      .run([HostTensor(numbers(x.shape.elementCount, "x"), shape: x.shape)])
    #expect(largestDifference(results[0].doubles, results[1].doubles) < 1e-6)
    let states = network.cell.stateSizes.count
    for part in 0..<states {
      #expect(largestDifference(results[2 + part].doubles, results[2 + states + part].doubles) < 1e-6)
    }
  }

  @Test(
    "Outputs and gradients are those of PyTorch's module with the same weights",
    .enabled(if: PyTorch.isInstalled, "PyTorch is not in .venv"), arguments: ["GRU", "LSTM"], [false, true])
  func pyTorch(_ name: String, _ isRematerialized: Bool) throws {
    let network = Recurrent(cell(name), isRematerialized: isRematerialized)
    let store = try store(network.cell)
    let variables = network.variables
    let graph = Graph()
    let x = graph.input("x", shape: [Self.batch, Self.length, Self.inputs])
    let outputs = network(x)
    let loss = outputs.squared().sum()
    let results = [outputs] + gradient(of: loss, withRespectTo: [x] + variables.map(graph.read))
    let values = numbers(x.shape.elementCount, "x")
    let actual = try CPUBackend().compile(Program(graph: graph, outputs: results), state: store)
      .run([HostTensor(values, shape: x.shape)])
    let expected = try PyTorch.run(
      """
      import torch
      n, t, c, u = \(Self.batch), \(Self.length), \(Self.inputs), \(Self.units)
      m = torch.nn.\(name)(c, u, batch_first=True)
      with torch.no_grad():
          for p, (values, rows) in zip([m.weight_ih_l0, m.bias_ih_l0, m.weight_hh_l0, m.bias_hh_l0],
                                       zip(x[1:], [c, 1, u, 1])):
              p.copy_(torch.tensor(values).reshape(rows, -1).T.reshape(p.shape))
      v = torch.tensor(x[0]).reshape(n, t, c).requires_grad_()
      o, _ = m(v)
      o.square().sum().backward()
      grads = [m.weight_ih_l0.grad.T, m.bias_ih_l0.grad, m.weight_hh_l0.grad.T, m.bias_hh_l0.grad]
      print(json.dumps([r.flatten().tolist() for r in [o, v.grad] + [g.contiguous() for g in grads]]))
      """, [values] + variables.map { try store.value(of: $0).doubles })
    #expect(actual.count == expected.count)
    for (actual, expected) in zip(actual, expected) { #expect(largestDifference(actual.doubles, expected) < 1e-4) }
  }
}
