import LatentDiagnostics
import LatentTensorGraph

/// A fixed reordering of the dimensions, for between flows that treat the first dimensions unlike the last.
public struct Permutation: Bijection {
  /// Dimension i of the value is dimension `order[i]` of what goes in.
  public let order: [Int]

  /// Creates a reordering.
  ///
  /// - Precondition: every dimension occurs once.
  public init(_ order: [Int]) {
    require(order.sorted() == Array(order.indices), "a permutation names every dimension once: \(order)")
    self.order = order
  }

  /// The reordering that puts the last dimension first, which undoes itself.
  public static func reversal(dimensions: Int) -> Permutation { Permutation((0..<dimensions).reversed()) }

  /// `true`: a reordering is undone by another.
  public var hasInverse: Bool { true }

  /// The reordered vectors, [..., D], and their log-determinant, [...], which is 0: a reordering keeps volumes.
  public func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) { reordered(z, order) }

  /// The vectors in their former order and 0.
  public func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)? {
    var former = order
    for (place, dimension) in order.enumerated() { former[dimension] = place }
    return reordered(x, former)
  }

  private func reordered(_ x: Tensor, _ order: [Int]) -> (value: Tensor, logDeterminant: Tensor) {
    let graph = x.graph
    let isReversal = order == Array(order.indices.reversed())
    let indices = isReversal ? nil : graph.constant(order.map(Double.init), shape: [order.count], type: .int32)
    let value = indices.map { x.gather($0, dimension: -1) } ?? x.reverse([-1])
    return (value, graph.constant([0], shape: Shape(x.leading), type: x.type))
  }
}
