import CLatentOneDNN
import LatentTensorGraph

/// What oneDNN does to the result of a product or convolution while it is still in registers.
struct Epilogue {
  /// One float32 number for each column or channel.
  var bias: BufferLocation?
  var activation = LATENT_DNN_IDENTITY

  var library: latent_dnn_epilogue { latent_dnn_epilogue(has_bias: bias == nil ? 0 : 1, activation: activation) }

  var label: String { (bias == nil ? "" : " + bias") + (activation == LATENT_DNN_IDENTITY ? "" : ", activation") }
}

/// Finds the nodes that can be an epilogue: a product, the sum with a bias, and an activation of the sum.
struct EpiloguePattern {
  let nodes: [Node]
  /// The users of each node; outputs and assigned values count as used from outside.
  let users: NodeLinks?
  let isRoot: Set<Int>

  /// The product and what follows it, at least one node more, or `nil`.
  func chain(from product: Int) -> [Int]? {
    guard nodes[product].type == .float32, hasEpilogue(nodes[product]), let sum = onlyUser(of: product),
      bias(of: sum, product) != nil
    else { return nil }
    guard let last = onlyUser(of: sum), activation(of: last, sum) != nil else { return [product, sum] }
    return [product, sum, last]
  }

  private func hasEpilogue(_ node: Node) -> Bool {
    // A product over nothing is zeros, which no primitive computes.
    if node.operands.contains(where: { nodes[$0].shape.elementCount == 0 }) { return false }
    return switch node.operation {
    case .dot: node.shape.rank == 2
    case .convolution(.forward, _): true
    default: false
    }
  }

  private func onlyUser(of index: Int) -> Int? {
    guard let users = users?[index], users.count == 1, !isRoot.contains(index) else { return nil }
    return users.first
  }

  /// The node of a bias that is repeated along all dimensions but the last.
  func bias(of sum: Int, _ product: Int) -> Int? {
    guard case .binary(.add) = nodes[sum].operation else { return nil }
    let others = nodes[sum].operands.filter { $0 != product }
    guard others.count == 1, case .broadcast(let mapping) = nodes[others[0]].operation,
      mapping == [nodes[sum].shape.rank - 1]
    else { return nil }
    let bias = nodes[others[0]].operands[0]
    return nodes[bias].shape == [nodes[sum].shape[-1]] ? bias : nil
  }

  /// The activation that a node applies to a sum, if oneDNN has it.
  func activation(of index: Int, _ sum: Int) -> latent_dnn_activation? {
    switch nodes[index].operation {
    case .unary(.tanh): return LATENT_DNN_TANH
    case .unary(.logistic): return LATENT_DNN_LOGISTIC
    case .binary(.maximum):
      let others = nodes[index].operands.filter { $0 != sum }
      return others.count == 1 && nodes[others[0]].operation == .constant([0]) ? LATENT_DNN_RELU : nil
    default: return nil
    }
  }
}
