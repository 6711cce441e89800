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
  return gradients + operands.dropFirst(3).map { _ in nil }
}

/// Second derivatives are those of attention as it is spelled out, with all weights stored: they are rare.
///
/// Output and log-sum-exp are functions of query, key, and value, so that what they are worth is part of what those are worth.
func attentionGradientPullback(
  _ settings: AttentionSettings, _ operands: [Tensor], _ worth: [Int: Tensor]
) -> [Tensor?] {
  guard let cotangent = operands.last, !worth.isEmpty else { return operands.map { _ in nil } }
  return cotangent.graph.withExactProducts {
    // Cut off from what they are computed from, so that nothing is counted twice.
    let leaves = (operands.prefix(3) + [cotangent]).map { $0.stopGradient() }
    let mask = settings.isMasked ? operands[3].stopGradient() : nil
    let results = settings.spelledOut(leaves[0], leaves[1], leaves[2], mask: mask)
    let gradients = settings.spelledOutGradient(
      leaves[0], leaves[1], leaves[2], mask: mask, output: results[0], logSumExp: results[1], cotangent: leaves[3])
    let terms = worth.sorted { $0.key < $1.key }.map { (gradients[$0.key] * $0.value.stopGradient()).sum() }
    let shares = gradient(of: terms.dropFirst().reduce(terms[0], +), withRespectTo: leaves)
    return shares.prefix(3).map { $0 } + operands.dropFirst(3).dropLast().map { _ in nil } + [shares[3]]
  }
}
