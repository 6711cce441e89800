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
  require(
    !tensors.contains(where: graph.usesValues),
    "gradient: within a loop's body, with respect to a tensor from outside that values from outside are computed from; "
      + "take the gradient with respect to those, or outside the loop")
  let tensors = tensors.map(graph.imported)
  var accumulation = ReverseAccumulation(graph: graph, withRespectTo: tensors, upTo: objective.index)
  accumulation.add(objective.scalar(1), to: objective)
  accumulation.run()
  return tensors.map { accumulation.cotangent(of: $0) ?? graph.constant([0], shape: $0.shape, type: $0.type) }
}

/// The pass from results back to operands, node by node.
struct ReverseAccumulation {
  private let graph: Graph
  /// For each node whether it is one of those asked for or computed from one, through real numbers.
  let needed: [Bool]
  private var cotangents: [Int: CotangentSum] = [:]
  /// For operations of several results their cotangents, by number.
  private var resultCotangents: [Int: [Int: Tensor]] = [:]

  /// - Parameter last: the last node that any seed stands at.
  init(graph: Graph, withRespectTo tensors: [Tensor], upTo last: Int) {
    self.graph = graph
    let nodes = graph.nodes
    var needed = [Bool](repeating: false, count: last + 1)
    for tensor in tensors where tensor.index <= last { needed[tensor.index] = true }
    for index in needed.indices where !needed[index] && nodes[index].type.isFloatingPoint {
      if case .stopGradient = nodes[index].operation { continue }
      needed[index] = nodes[index].operands.contains { needed[$0] }
    }
    self.needed = needed
  }

  /// Adds to what a node's result is worth.
  mutating func add(_ cotangent: Tensor, to tensor: Tensor) {
    cotangents[tensor.index, default: CotangentSum()].add(cotangent)
  }

  /// What a tensor's elements are worth, once the pass has come by it; `nil` if nothing.
  mutating func cotangent(of tensor: Tensor) -> Tensor? { cotangents[tensor.index]?.total(for: tensor) }

  /// Goes through all nodes.
  mutating func run() {
    for index in needed.indices.reversed() where needed[index] {
      let result = graph.tensor(index)
      let node = result.node
      let wanted = node.operands.map { needed[$0] }
      guard wanted.contains(true), cotangents[index] != nil || resultCotangents[index] != nil else { continue }
      // Named after the operation that is differentiated, so that messages and profiles say which layer it is.
      let scope = graph.scopes[index]
      graph.scope(scope.isEmpty || scope.hasSuffix("gradient") ? "gradient" : scope + "/gradient") {
        pullBack(node, result, wanted)
      }
    }
  }

  private mutating func pullBack(_ node: Node, _ result: Tensor, _ wanted: [Bool]) {
    let operands = node.operands.map(result.sibling)
    if case .scan(let scan) = node.operation {
      let worth = resultCotangents[result.index] ?? [:]
      let shares = ScanGradient(scan, loop: result, operands: operands, cotangents: worth, wanted: wanted)
        .operandCotangents()
      return distribute(shares, over: operands, of: node)
    }
    switch node.operation {
    case .attention(let settings):
      let worth = resultCotangents[result.index] ?? [:]
      return distribute(attentionPullback(settings, result, operands, worth, wanted), over: operands, of: node)
    case .attentionGradient(let settings):
      let worth = resultCotangents[result.index] ?? [:]
      return distribute(attentionGradientPullback(settings, operands, worth), over: operands, of: node)
    default: break
    }
    guard let cotangent = cotangent(of: result) else { return }
    switch node.operation {
    case .result(let number):
      resultCotangents[operands[0].index, default: [:]][number] = cotangent
    case .slice(let starts, _, let strides):
      let part = PartOfCotangent(starts: starts, strides: strides, operand: operands[0], cotangent: cotangent)
      cotangents[operands[0].index, default: CotangentSum()].add(part)
    case .gather(let dimension):
      let part = GatheredCotangent(dimension: dimension, indices: operands[1], cotangent: cotangent)
      cotangents[operands[0].index, default: CotangentSum()].add(part)
    default:
      distribute(pullback(node.operation, operands, result, cotangent, wanted), over: operands, of: node)
    }
  }

  private mutating func distribute(_ shares: [Tensor?], over operands: [Tensor], of node: Node) {
    for (operand, share) in zip(operands, shares) where needed[operand.index] {
      guard let share else { continue }
      require(
        share.shape == operand.shape,
        "gradient rule of \(node.operation): \(share.shape) for operand \(operand.shape)")
      add(share, to: operand)
    }
  }
}

/// The operands' shares of a result's cotangent; `nil` where an operand has none.
private func pullback(
  _ operation: GraphOperation, _ operands: [Tensor], _ result: Tensor, _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  switch operation {
  case .input, .variable, .constant, .iota, .random, .compare, .argumentReduce, .argumentSort, .stopGradient,
    .parameter:
    return operands.map { _ in nil }
  case .scan, .result, .attention, .attentionGradient, .slice, .gather:
    stop("the cotangents of \(operation) are not those of single tensors")
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
  case .scatterAdd(let dimension, let size):
    return [scatterAddPullback(dimension, size, operands[1], cotangent), nil]
  case .reshape:
    return [cotangent.reshape(operands[0].shape)]
  case .transpose(let permutation):
    return [cotangent.transpose(permutation.indices.map { index in permutation.firstIndex(of: index) ?? index })]
  case .broadcast(let mapping):
    return [broadcastPullback(mapping, operands[0], cotangent)]
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
