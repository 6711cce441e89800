import LatentTensorGraph

extension MaskedNetwork {
  /// Works out vectors dimension by dimension, each from the network's outputs given those before it.
  ///
  /// A loop of D rounds, whose plan does not grow with D. A round computes only the hidden units that the newest dimension
  /// completes, so that all rounds together do little more than the arithmetic of one pass.
  ///
  /// - Parameters:
  ///   - leading: the leading dimensions of the result, of which there are N in all.
  ///   - features: the context, [..., C], whose leading dimensions broadcast with those.
  ///   - sequences: tensors [leading, D] or [leading, D, M], of which a round is given its dimension's part, [N, 1] or [N, M].
  ///   - graph: the graph to add to.
  ///   - next: is given those parts and the network's outputs for a dimension, [N, outputs], and gives its values, [N, 1],
  ///     and others of that shape.
  /// - Returns: the values [leading, D], and the others likewise.
  /// - Precondition: there is a context if and only if the network was made for one.
  package func sequence(
    leading: [Int], context features: Tensor? = nil, slicing sequences: [Tensor] = [], in graph: Graph,
    next: (_ slices: [Tensor], _ outputs: Tensor) -> (value: Tensor, also: [Tensor])
  ) -> (values: Tensor, also: [Tensor]) {
    let rounds = MaskedRounds(self, leading: leading, context: features, slicing: sequences, in: graph)
    let (carried, also) = graph.scan(rounds.sequences, carrying: rounds.initial) { carried, slices in
      rounds.step(carried, slices, next)
    }
    return (carried[0].reshape(Shape(leading + [dimensions])), also.map(rounds.byDimension))
  }
}

/// The rounds in which a masked network is gone through: what they begin with, what each is given, and what it does.
package struct MaskedRounds {
  /// What is carried before the first round: the dimensions and the units of all layers, none of which are known.
  package let initial: [Tensor]
  /// What each round is given its slice of.
  package let sequences: [Tensor]
  private let network: MaskedNetwork
  private let leading: [Int]
  private let hasContext: Bool

  /// Prepares the rounds; see `MaskedNetwork.sequence` for the parameters.
  package init(
    _ network: MaskedNetwork, leading: [Int], context features: Tensor?, slicing given: [Tensor], in graph: Graph
  ) {
    let (dimensions, count) = (network.dimensions, leading.reduce(1, *))
    self.network = network
    self.leading = leading
    let widths = network.hidden.map(\.outputDegrees.count)
    initial = ([dimensions] + widths).map { graph.constant([0], shape: [count, $0]) }
    let order = network.isReversed ? (0..<dimensions).reversed() : Array(0..<dimensions)
    var sequences = [graph.constant(order.map(Double.init), shape: [dimensions], type: .int32)]
    for layer in network.hidden {
      let units = MaskedRounds.units(layer.outputDegrees, rounds: dimensions)
      let size = units.count / dimensions
      let indices = graph.constant(units.map(Double.init), shape: [units.count], type: .int32)
      let weights = layer.read(layer.kernel, in: graph).gather(indices, dimension: 1)
      sequences += [
        indices.reshape([dimensions, size]),
        weights.reshape([layer.inputDegrees.count, dimensions, size]).transpose([1, 0, 2]),
        layer.read(layer.bias, in: graph).gather(indices).reshape([dimensions, size]),
      ]
    }
    let head = network.head
    let weights = head.read(head.kernel, in: graph).reshape([widths[widths.count - 1], network.outputs, dimensions])
    let biases = head.read(head.bias, in: graph).reshape([network.outputs, dimensions])
    var byDimension = [weights.transpose([2, 0, 1]), biases.transpose([1, 0])]
    byDimension += given.map { tensor in
      let rest = tensor.shape.dimensions.dropFirst(leading.count + 1).reduce(1, *)
      return tensor.reshape([count, dimensions, rest]).transpose([1, 0, 2])
    }
    sequences += network.isReversed ? byDimension.map { $0.reverse([0]) } : byDimension
    let offset = network.contextOffset(features)
    hasContext = offset != nil
    if let offset {
      let units = MaskedRounds.units(network.hidden[0].outputDegrees, rounds: dimensions)
      let indices = graph.constant(units.map(Double.init), shape: [units.count], type: .int32)
      let rows = offset.broadcast(to: Shape(leading + [widths[0]])).reshape([count, widths[0]])
      sequences.append(
        rows.gather(indices, dimension: 1).reshape([count, dimensions, units.count / dimensions]).transpose([1, 0, 2]))
    }
    self.sequences = sequences
  }

  /// One round: the units that the newest dimension completes, layer by layer, and the dimension after it.
  package func step(
    _ carried: [Tensor], _ slices: [Tensor], _ next: ([Tensor], Tensor) -> (value: Tensor, also: [Tensor])
  ) -> (carried: [Tensor], outputs: [Tensor]) {
    var carried = carried
    var slices = slices[...]
    func take(_ count: Int) -> [Tensor] { (0..<count).compactMap { _ in slices.popFirst() } }
    let offset = hasContext ? slices.popLast() : nil
    let dimension = take(1)[0]
    for (index, layer) in network.hidden.enumerated() {
      // What is not known yet is 0 here and reads as 0 there, so that no mask is needed.
      let given = take(3)
      let sum = carried[index].dot(given[1]) + given[2]
      let new = layer.activation(index == 0 ? offset.map { sum + $0 } ?? sum : sum)
      carried[index + 1] =
        carried[index + 1] + new.scatterAdd(given[0], dimension: 1, size: carried[index + 1].shape[1])
    }
    let head = take(2)
    let (value, also) = next(Array(slices), carried[carried.count - 1].dot(head[0]) + head[1])
    let places = value.graph.iota(shape: [network.dimensions], dimension: 0)
    carried[0] = places.compare(.equal, dimension).broadcast(to: carried[0].shape).select(value, carried[0])
    return (carried, also)
  }

  /// Outputs of the rounds, [D, N, 1], as [leading, D].
  func byDimension(_ outputs: Tensor) -> Tensor {
    let ordered = network.isReversed ? outputs.reverse([0]) : outputs
    return ordered.transpose([1, 0, 2]).reshape(Shape(leading + [network.dimensions]))
  }

  /// The units that each round completes, those of its degree, filled up to the same number for all by one that is not there.
  private static func units(_ degrees: [Int], rounds: Int) -> [Int] {
    let ofRound = (0..<rounds).map { round in degrees.indices.filter { degrees[$0] == round } }
    let most = max(1, ofRound.map(\.count).max() ?? 1)
    return ofRound.flatMap { $0 + [Int](repeating: degrees.count, count: most - $0.count) }
  }
}
