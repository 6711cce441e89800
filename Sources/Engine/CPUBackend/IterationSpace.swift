import CLatentKernels
import LatentTensorGraph

/// The loop that a tile program runs: its dimensions in loop order, and what they mean for reductions.
///
/// The order is [outer, reduced, inner]. Where the dimensions already come that way they stay; otherwise the kept
/// dimensions that trail stay innermost, so that loads remain contiguous, and the other kept ones move to the front.
struct IterationSpace {
  /// Loop dimension i is dimension `order[i]` of the shape.
  let order: [Int]
  let sizes: [Int]
  let outer: Int
  let reduced: Int
  let inner: Int

  init(_ shape: Shape, reducing dimensions: [Int]) {
    let isReduced = (0..<shape.rank).map(dimensions.contains)
    let innerStart = (0..<shape.rank).last { isReduced[$0] }.map { $0 + 1 } ?? 0
    let outerPart = (0..<innerStart).filter { !isReduced[$0] }
    let reducedPart = (0..<innerStart).filter { isReduced[$0] }
    let innerPart = Array(innerStart..<shape.rank)
    func size(_ part: [Int]) -> Int { part.reduce(1) { $0 * shape[$1] } }
    order = outerPart + reducedPart + innerPart
    sizes = order.map { shape[$0] }
    outer = size(outerPart)
    reduced = size(reducedPart)
    inner = size(innerPart)
  }

  var elementCount: Int { outer * reduced * inner }

  /// Merges neighbouring loop dimensions that all views step through as one.
  ///
  /// - Returns: the merged sizes (at least one) and, for each view, the strides along them.
  func merged(_ views: [[Int]]) -> (sizes: [Int], strides: [[Int]]) {
    var sizes: [Int] = []
    var strides = views.map { _ in [Int]() }
    for (loop, dimension) in order.enumerated() where self.sizes[loop] != 1 {
      let joins =
        !sizes.isEmpty
        && views.indices.allSatisfy { strides[$0].last == views[$0][dimension] * self.sizes[loop] }
      if joins {
        sizes[sizes.count - 1] *= self.sizes[loop]
        for view in views.indices { strides[view][strides[view].count - 1] = views[view][dimension] }
      } else {
        sizes.append(self.sizes[loop])
        for view in views.indices { strides[view].append(views[view][dimension]) }
      }
    }
    return sizes.isEmpty ? ([1], views.map { _ in [1] }) : (sizes, strides)
  }
}
