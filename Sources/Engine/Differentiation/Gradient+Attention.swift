import LatentDiagnostics
import LatentTensorGraph

/// The gradient of attention is an operation of its own, which computes the weights again from the log-sum-exp.
func attentionPullback(
  _ settings: AttentionSettings, _ attention: Tensor, _ operands: [Tensor], _ worth: [Int: Tensor], _ wanted: [Bool]
) -> [Tensor?] {
  require(worth[1] == nil, "attention: the log-sum-exp has no gradient")
  require(
    !settings.isMasked || !wanted[3],
    "attention: no gradient is computed with respect to the mask; add `stopGradient()` to it, or write the softmax out")
  guard let cotangent = worth[0] else { return operands.map { _ in nil } }
  let graph = attention.graph
  let (query, key) = (operands[0], operands[1])
  let sizes = settings.sizes(query.shape, key.shape)
  let results = [(sizes.query, query.type), (sizes.logSumExp, query.type)].enumerated().map {
    graph.add(.result($0), [attention], shape: $1.0, type: $1.1)
  }
  let gradients = graph.add(
    .attentionGradient(settings), operands + results + [cotangent],
    results: [(sizes.query, query.type), (sizes.key, query.type), (sizes.key, query.type)])
  return operands.indices.map { $0 < 3 ? gradients[$0] : nil }
}

/// Second derivatives are those of attention as it is spelled out, with all weights stored: they are rare.
///
/// Output and log-sum-exp are functions of query, key, and value, so that what they are worth is part of what those are worth.
func attentionGradientPullback(
  _ settings: AttentionSettings, _ operands: [Tensor], _ worth: [Int: Tensor]
) -> [Tensor?] {
  guard let cotangent = operands.last, !worth.isEmpty else { return operands.map { _ in nil } }
  let numbers = worth.keys.sorted()
  let given = operands.prefix(3) + [cotangent] + numbers.compactMap { worth[$0] }
  let mask = settings.isMasked ? [operands[3]] : []
  // In a graph of its own, where no operand is computed from another, and then copied.
  let graph = Graph()
  let leaves = (given + mask).enumerated().map { graph.input("\($0)", shape: $1.shape, type: $1.type) }
  let innerMask = settings.isMasked ? leaves.last : nil
  let results = settings.spelledOut(leaves[0], leaves[1], leaves[2], mask: innerMask)
  let gradients = settings.spelledOutGradient(
    leaves[0], leaves[1], leaves[2], mask: innerMask, output: results[0], logSumExp: results[1], cotangent: leaves[3])
  let terms = numbers.enumerated().map { (gradients[$1] * leaves[4 + $0]).sum() }
  let shares = gradient(
    of: terms.dropFirst().reduce(terms[0]) { $0 + $1 }, withRespectTo: Array(leaves.prefix(4)))
  let copies = copied(shares, replacing: leaves, by: Array(given + mask), into: cotangent.graph)
  return operands.indices.map { $0 < 3 ? copies[$0] : $0 == operands.count - 1 ? copies[3] : nil }
}

/// Tensors of one graph as tensors of another, the leaves replaced.
private func copied(
  _ tensors: [Tensor], replacing leaves: [Tensor], by values: [Tensor], into graph: Graph
) -> [Tensor] {
  guard let program = tensors.first.map({ Program(graph: $0.graph, outputs: tensors, assignments: []) }) else {
    return []
  }
  var copies = Dictionary(uniqueKeysWithValues: zip(leaves.map(\.index), values))
  for (index, node) in program.nodes.enumerated() where program.isLive[index] && copies[index] == nil {
    copies[index] = graph.add(
      node.operation, node.operands.compactMap { copies[$0] }, shape: node.shape, type: node.type)
  }
  return tensors.compactMap { copies[$0.index] }
}
