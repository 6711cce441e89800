import LatentDiagnostics
import LatentTensorGraph

/// The shares of a value's operands by its rule; the value itself, the first operand, has none.
func gradientRulePullback(
  _ rule: GradientRule, _ operands: [Tensor], _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  let (value, others) = (operands[0], Array(operands.dropFirst()))
  switch rule {
  case .custom(let rule):
    let cotangents = rule.cotangents(others, value, cotangent)
    require(
      cotangents.count == others.count,
      "a gradient rule gave \(cotangents.count) cotangents for \(others.count) operands")
    return [nil] + cotangents
  case .recomputation:
    return [nil] + recomputationPullback(value, others, cotangent, Array(wanted.dropFirst()))
  }
}

/// Computes a value again from its operands, which are held back until the cotangent is there, and differentiates that.
private func recomputationPullback(
  _ value: Tensor, _ operands: [Tensor], _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  let again = operands.map { $0.barrier(after: cotangent) }
  let copy = copied(value, replacing: Dictionary(uniqueKeysWithValues: zip(operands.map(\.index), again)))
  let places = operands.indices.filter { wanted[$0] }
  let gradients = gradient(of: (copy * cotangent).sum(), withRespectTo: places.map { again[$0] })
  var result: [Tensor?] = operands.map { _ in nil }
  for (place, gradient) in zip(places, gradients) { result[place] = gradient }
  return result
}

/// The nodes between some tensors and a value once more, from other tensors in their place.
private func copied(_ value: Tensor, replacing replacements: [Int: Tensor]) -> Tensor {
  let graph = value.graph
  var found: Set<Int> = [value.index]
  var rest = [value.index]
  while let index = rest.popLast() {
    guard replacements[index] == nil else { continue }
    rest += graph.nodes[index].operands.filter { found.insert($0).inserted }
  }
  var copies = replacements
  for index in found.sorted() where copies[index] == nil {
    let node = graph.nodes[index]
    let operands = node.operands.map { copies[$0] ?? value.sibling($0) }
    copies[index] = graph.add(node.operation, operands, shape: node.shape, type: node.type)
  }
  return copies[value.index] ?? value
}
