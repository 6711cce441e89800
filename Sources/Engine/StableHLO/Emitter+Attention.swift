import LatentTensorGraph

extension Emitter {
  /// Attention as it is spelled out in other operations; what is best in blocks, the plug-in knows.
  mutating func attention(_ settings: AttentionSettings, _ operands: [Value]) -> [Value] {
    spelledOut(operands) { x in settings.spelledOut(x[0], x[1], x[2], mask: settings.isMasked ? x[3] : nil) }
  }

  mutating func attentionGradient(_ settings: AttentionSettings, _ operands: [Value]) -> [Value] {
    spelledOut(operands) { x in
      settings.spelledOutGradient(
        x[0], x[1], x[2], mask: settings.isMasked ? x[3] : nil, output: x[x.count - 3], logSumExp: x[x.count - 2],
        cotangent: x[x.count - 1])
    }
  }

  /// Writes the nodes of a definition, which is given as many tensors as there are operands.
  private mutating func spelledOut(_ operands: [Value], _ definition: ([Tensor]) -> [Tensor]) -> [Value] {
    let graph = Graph()
    let inputs = operands.enumerated().map { place, operand in
      graph.input("\(place)", shape: operand.type.shape, type: operand.type.element == .f64 ? .float64 : .float32)
    }
    let results = definition(inputs)
    let program = Program(graph: graph, outputs: results, assignments: [])
    let places = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { (graph.tensor($1.index).node, $0) })
    let values = emit(program.nodes, program.isLive) { node in places[node].map { operands[$0] } }
    return results.compactMap { values[$0.index] }
  }
}
