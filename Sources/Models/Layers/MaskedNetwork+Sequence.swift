import LatentTensorGraph

extension MaskedNetwork {
  /// Works out a vector dimension by dimension, each from the network's outputs given those before it.
  ///
  /// Unrolled into D rounds. A round computes only the hidden units that the newest dimension completes, so that all
  /// rounds together do the arithmetic of one pass; what remains is the cost of starting D small products per layer.
  ///
  /// - Parameters:
  ///   - leading: the leading dimensions of the result.
  ///   - features: the context, [..., C], whose leading dimensions broadcast with those.
  ///   - graph: the graph to add to.
  ///   - next: is given a dimension and the network's outputs for it, [leading, outputs], and gives its values,
  ///     [leading, 1].
  /// - Returns: [leading, D].
  /// - Precondition: there is a context if and only if the network was made for one.
  package func sequence(
    leading: [Int], context features: Tensor? = nil, in graph: Graph,
    next: (_ dimension: Int, _ outputs: Tensor) -> Tensor
  ) -> Tensor {
    let offset = contextOffset(features)
    var known: Tensor?
    var units: [Tensor?] = hidden.map { _ in nil }
    for round in 0..<dimensions {
      var below = known
      var rows = isReversed ? (dimensions - round)..<dimensions : 0..<round
      for (index, layer) in hidden.enumerated() {
        let first = layer.outputDegrees.firstIndex { $0 >= round } ?? layer.outputDegrees.count
        let limit = layer.outputDegrees.firstIndex { $0 > round } ?? layer.outputDegrees.count
        if first < limit {
          let sum = layer.sum(below, rows: rows, outputs: first..<limit, in: graph)
          let new = layer.activation(
            index == 0 ? offset.map { sum + $0.slice(-1, first..<limit) } ?? sum : sum)
          let spread = new.broadcast(to: Shape(leading + [limit - first]))
          units[index] = units[index].map { Tensor.concatenate([$0, spread], dimension: -1) } ?? spread
        }
        below = units[index]
        rows = 0..<limit
      }
      let dimension = isReversed ? dimensions - 1 - round : round
      let value = next(dimension, headOutputs(below, rows.count, of: dimension, leading, in: graph))
      known = known.map { Tensor.concatenate(isReversed ? [value, $0] : [$0, value], dimension: -1) } ?? value
    }
    return known ?? graph.constant([0], shape: Shape(leading + [0]))
  }

  /// The outputs for one dimension from the first `count` units of the last hidden layer.
  private func headOutputs(
    _ units: Tensor?, _ count: Int, of dimension: Int, _ leading: [Int], in graph: Graph
  ) -> Tensor {
    graph.scope(head.name) {
      let bias = head.read(head.bias, in: graph).reshape([outputs, dimensions])
        .slice(1, dimension..<(dimension + 1)).reshape([outputs])
      guard let units, count > 0 else { return bias.broadcast(to: Shape(leading + [outputs])) }
      let weights = head.read(head.kernel, in: graph).reshape([head.inputDegrees.count, outputs, dimensions])
        .slice(starts: [0, 0, dimension], limits: [count, outputs, dimension + 1]).reshape([count, outputs])
      return units.rowProduct(weights) + bias
    }
  }
}

extension MaskedDense {
  /// The sums of some outputs that read all of the given inputs, or none.
  fileprivate func sum(_ inputs: Tensor?, rows: Range<Int>, outputs: Range<Int>, in graph: Graph) -> Tensor {
    graph.scope(name) {
      let bias = read(bias, in: graph).slice(0, outputs)
      guard let inputs, !rows.isEmpty else { return bias }
      let weights = read(kernel, in: graph).slice(
        starts: [rows.lowerBound, outputs.lowerBound], limits: [rows.upperBound, outputs.upperBound])
      return inputs.rowProduct(weights) + bias
    }
  }
}
