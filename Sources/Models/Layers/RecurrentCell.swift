import LatentTensorGraph

/// One step of a recurrent network: what it makes of an input and of the state that the step before left.
public protocol RecurrentCell: Sendable {
  /// The cell's variables.
  var variables: [Variable] { get }
  /// How many numbers each part of the state has; the first part is the cell's output.
  var stateSizes: [Int] { get }

  /// What the steps need of their inputs, [T, N, inputs] to [T, N, ...], worked out for all steps at once.
  func projected(_ inputs: Tensor) -> Tensor

  /// The next state from a step's slice of the projected inputs, [N, ...], and the state, [N, size] each.
  func step(_ input: Tensor, state: [Tensor]) -> [Tensor]
}

/// A recurrent network over sequences [N, T, C]: a cell in a loop, whose plan does not grow with the length.
public struct Recurrent: Layer {
  /// What each step computes.
  public let cell: any RecurrentCell
  /// Whether it goes from the last position to the first.
  public let isReversed: Bool
  /// Whether gradients compute each step again instead of keeping its values.
  public let isRematerialized: Bool

  /// Creates a network of a cell.
  public init(_ cell: any RecurrentCell, isReversed: Bool = false, isRematerialized: Bool = false) {
    self.cell = cell
    self.isReversed = isReversed
    self.isRematerialized = isRematerialized
  }

  /// The cell's.
  public var variables: [Variable] { cell.variables }

  /// [N, T, C] to the outputs [N, T, units], from a state of zeros.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    outputs(of: input).outputs
  }

  /// The outputs [N, T, units] for inputs [N, T, C], and the state after the last step.
  ///
  /// - Parameter state: the parts of the state before the first step, [N, size] each; zeros if not given.
  public func outputs(of input: Tensor, from state: [Tensor]? = nil) -> (outputs: Tensor, state: [Tensor]) {
    let graph = input.graph
    let initial =
      state
      ?? cell.stateSizes.map { graph.constant([0], shape: [input.shape[0], $0], type: input.type) }
    let (last, outputs) = graph.scan(
      [cell.projected(input.transpose([1, 0, 2]))], carrying: initial, isReversed: isReversed,
      isRematerialized: isRematerialized
    ) { state, inputs in
      let next = cell.step(inputs[0], state: state)
      return (next, [next[0]])
    }
    return (outputs[0].transpose([1, 0, 2]), last)
  }
}

/// A gated recurrent unit (Cho et al. 2014), the reset gate applied after the recurrent product: h' = n + z (h - n), where r, z
/// = logistic(W x + U h) and n = tanh(W x + r (U h)).
public struct GatedRecurrentUnit: RecurrentCell {
  /// The number of units.
  public let units: Int
  /// From inputs and from the state to the gates [reset, update, new].
  package let input: Dense, recurrent: Dense

  /// Creates a cell.
  public init(_ name: String, inputs: Int, units: Int) {
    self.units = units
    let initializer = Initializer.uniform(limit: 1 / Double(units).squareRoot())
    input = Dense(name + "/input", inputs: inputs, outputs: 3 * units, initializer: initializer)
    recurrent = Dense(name + "/recurrent", inputs: units, outputs: 3 * units, initializer: initializer)
  }

  /// Those of both products.
  public var variables: [Variable] { input.variables + recurrent.variables }

  /// The state is the output.
  public var stateSizes: [Int] { [units] }

  /// W x for all steps.
  public func projected(_ inputs: Tensor) -> Tensor { input(inputs) }

  /// h' from W x and h.
  public func step(_ input: Tensor, state: [Tensor]) -> [Tensor] {
    let sums = recurrent(state[0])
    let gates = (input.slice(-1, 0..<(2 * units)) + sums.slice(-1, 0..<(2 * units))).logistic().split(2, dimension: -1)
    let new = (input.slice(-1, (2 * units)..<(3 * units)) + gates[0] * sums.slice(-1, (2 * units)..<(3 * units))).tanh()
    return [new + gates[1] * (state[0] - new)]
  }
}

/// A long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000): c' = f c + i g and
/// h' = o tanh(c').
public struct LongShortTermMemory: RecurrentCell {
  /// The number of units.
  public let units: Int
  /// From inputs and from the output to the gates [input, forget, new, output].
  package let input: Dense, recurrent: Dense

  /// Creates a cell.
  public init(_ name: String, inputs: Int, units: Int) {
    self.units = units
    let initializer = Initializer.uniform(limit: 1 / Double(units).squareRoot())
    input = Dense(name + "/input", inputs: inputs, outputs: 4 * units, initializer: initializer)
    recurrent = Dense(name + "/recurrent", inputs: units, outputs: 4 * units, initializer: initializer)
  }

  /// Those of both products.
  public var variables: [Variable] { input.variables + recurrent.variables }

  /// The output, and what is kept.
  public var stateSizes: [Int] { [units, units] }

  /// W x for all steps.
  public func projected(_ inputs: Tensor) -> Tensor { input(inputs) }

  /// h' and c' from W x, h, and c.
  public func step(_ input: Tensor, state: [Tensor]) -> [Tensor] {
    let gates = (input + recurrent(state[0])).split(4, dimension: -1)
    let kept = gates[1].logistic() * state[1] + gates[0].logistic() * gates[2].tanh()
    return [gates[3].logistic() * kept.tanh(), kept]
  }
}
