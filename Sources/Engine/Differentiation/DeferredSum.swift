import LatentTensorGraph

/// A sum over the steps of a loop that is computed after the loop from stacked operands.
///
/// The gradient of a matrix that every step multiplies by is a sum of products over the steps, and that is one product whose
/// inner dimension is all steps: fewer, larger products, and no pass over the matrix in each step.
struct DeferredSum {
  private enum Kind {
    case product
    case kernelGradient(ConvolutionWindow)
    case sum([Int])
  }

  private let kind: Kind
  private let shape: Shape
  /// Nodes of the loop's body whose stacks the sum needs.
  let operands: [Tensor]

  /// The terms of a share that can wait, and those that cannot.
  ///
  /// - Parameter stacked: nodes that are stacked for other sums, whose plain sums can wait too; a stack for such a sum alone
  ///   would be more than it is worth.
  static func split(
    _ share: Tensor, in body: Graph, stacked: Set<Tensor>
  ) -> (deferred: [DeferredSum], rest: [Tensor]) {
    let all = terms(of: share, in: body).map { ($0, deferred($0, shape: share.shape, in: body, stacked: stacked)) }
    return (all.compactMap(\.1), all.filter { $0.1 == nil }.map(\.0))
  }

  private static func terms(of share: Tensor, in body: Graph) -> [Tensor] {
    guard share.graph === body, case .binary(.add) = share.node.operation else { return [share] }
    return share.node.operands.flatMap { terms(of: share.sibling($0), in: body) }
  }

  private static func deferred(
    _ term: Tensor, shape: Shape, in body: Graph, stacked: Set<Tensor>
  ) -> DeferredSum? {
    guard term.graph === body else { return nil }
    var inner = term
    while case .reshape = inner.node.operation { inner = inner.sibling(inner.node.operands[0]) }
    let operands = inner.node.operands.map(inner.sibling)
    switch inner.node.operation {
    case .dot(transposeLeft: true, transposeRight: false) where inner.rank == 2:
      return DeferredSum(kind: .product, shape: shape, operands: operands)
    case .convolution(.kernelGradient, let window):
      return DeferredSum(kind: .kernelGradient(window), shape: shape, operands: operands)
    case .reduce(.sum, let dimensions) where stacked.contains(operands[0]):
      return DeferredSum(kind: .sum(dimensions), shape: shape, operands: operands)
    default: return nil
    }
  }

  /// The sum, from the stacks of the operands.
  func total(of stacks: [Tensor]) -> Tensor {
    switch kind {
    case .product:
      let rows = stacks.map { $0.reshape([$0.shape[0] * $0.shape[1], $0.shape[2]]) }
      return rows[0].dot(rows[1], transposeLeft: true).reshape(shape)
    case .kernelGradient(let window):
      let batches = stacks.map { $0.reshape(Shape([$0.shape[0] * $0.shape[1]] + $0.shape.dimensions.dropFirst(2))) }
      return batches[0].convolution(.kernelGradient, batches[1], window).reshape(shape)
    case .sum(let dimensions):
      return stacks[0].sum([0] + dimensions.map { $0 + 1 }).reshape(shape)
    }
  }
}
