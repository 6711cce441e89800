import LatentDiagnostics
import LatentTensorGraph

/// The gradients of a scalar with respect to tensors of the same graph, as further nodes of that graph.
///
/// Reverse accumulation (Griewank & Walther 2008, chapter 3) by ordinary operations, so gradients can be differentiated
/// again. A tensor that the objective does not depend on gets zeros.
///
/// - Precondition: the objective is a scalar of floating-point type.
/// - Returns: one tensor for each given one, of its shape and type.
public func gradient(of objective: Tensor, withRespectTo tensors: [Tensor]) -> [Tensor] {
  require(
    objective.shape == .scalar && objective.type.isFloatingPoint,
    "gradient: the objective must be a floating-point scalar, not \(objective.type) \(objective.shape)")
  let graph = objective.graph
  let needed = dependents(of: tensors, upTo: objective)
  var cotangents: [Int: Tensor] = [objective.index: objective.scalar(1)]
  for index in (0...objective.index).reversed() where needed[index] {
    guard let cotangent = cotangents[index] else { continue }
    let result = objective.sibling(index)
    let node = result.node
    let operands = node.operands.map(objective.sibling)
    let wanted = node.operands.map { needed[$0] }
    guard wanted.contains(true) else { continue }
    // Named after the operation that is differentiated, so that messages and profiles say which layer it is.
    let scope = graph.scopes[index]
    graph.scope(scope.isEmpty || scope.hasSuffix("gradient") ? "gradient" : scope + "/gradient") {
      let contributions = pullback(node.operation, operands, result, cotangent, wanted)
      for (operand, contribution) in zip(operands, contributions) where needed[operand.index] {
        guard let contribution else { continue }
        require(
          contribution.shape == operand.shape,
          "gradient rule of \(node.operation): \(contribution.shape) for operand \(operand.shape)")
        cotangents[operand.index] = cotangents[operand.index].map { $0 + contribution } ?? contribution
      }
    }
  }
  return tensors.map { cotangents[$0.index] ?? graph.constant([0], shape: $0.shape, type: $0.type) }
}

/// For each node up to the objective: whether it is one of the tensors or computed from one, through real numbers.
private func dependents(of tensors: [Tensor], upTo objective: Tensor) -> [Bool] {
  let nodes = objective.graph.nodes
  var needed = [Bool](repeating: false, count: objective.index + 1)
  for tensor in tensors where tensor.index <= objective.index { needed[tensor.index] = true }
  for index in 0...objective.index where !needed[index] && nodes[index].type.isFloatingPoint {
    if case .stopGradient = nodes[index].operation { continue }
    needed[index] = nodes[index].operands.contains { needed[$0] }
  }
  return needed
}

/// The operands' shares of a result's cotangent; `nil` where an operand has none.
private func pullback(
  _ operation: GraphOperation, _ operands: [Tensor], _ result: Tensor, _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  switch operation {
  case .input, .variable, .constant, .iota, .random, .compare, .argumentReduce, .argumentSort, .stopGradient:
    return operands.map { _ in nil }
  case .unary(let operation):
    return [unaryPullback(operation, operands[0], result, cotangent)]
  case .binary(let operation):
    return binaryPullback(operation, operands[0], operands[1], result, cotangent, wanted)
  case .select:
    let zero = cotangent.scalar(0)
    return [nil, operands[0].select(cotangent, zero), operands[0].select(zero, cotangent)]
  case .convert:
    return [cotangent.converted(to: operands[0].type)]
  case .reduce(let reduction, let dimensions):
    return [reducePullback(reduction, dimensions, operands[0], result, cotangent)]
  case .cumulativeSum(let dimension, let isExclusive, let isReversed):
    return [cotangent.cumulativeSum(dimension, isExclusive: isExclusive, isReversed: !isReversed)]
  case .dot(let transposeLeft, let transposeRight):
    return dotPullback(transposeLeft, transposeRight, operands[0], operands[1], cotangent, wanted)
  case .convolution(let direction, let window):
    return convolutionPullback(direction, window, operands[0], operands[1], cotangent, wanted)
  case .gather(let dimension):
    return [cotangent.scatterAdd(operands[1], dimension: dimension, size: operands[0].shape[dimension]), nil]
  case .scatterAdd(let dimension, let size):
    return [scatterAddPullback(dimension, size, operands[1], cotangent), nil]
  case .reshape:
    return [cotangent.reshape(operands[0].shape)]
  case .transpose(let permutation):
    return [cotangent.transpose(permutation.indices.map { index in permutation.firstIndex(of: index) ?? index })]
  case .broadcast(let mapping):
    return [broadcastPullback(mapping, operands[0], cotangent)]
  case .slice(let starts, _, let strides):
    return [slicePullback(starts, strides, operands[0], cotangent)]
  case .pad(let low, _, let interior):
    return padPullback(low, interior, operands[0], cotangent, wanted)
  case .concatenate(let dimension):
    return concatenatePullback(dimension, operands, cotangent)
  case .reverse(let dimensions):
    return [cotangent.reverse(dimensions)]
  case .gradientRule(let rule):
    return gradientRulePullback(rule, operands, cotangent, wanted)
  case .barrier:
    return [cotangent] + operands.dropFirst().map { _ in nil }
  }
}
