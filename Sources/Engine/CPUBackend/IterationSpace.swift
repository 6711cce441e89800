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

  /// The dimensions that a loop reduces, and those that are left to a second, small one.
  ///
  /// Where short runs at the end are reduced together with dimensions before some that are kept, as the channels of a group
  /// are with its pixels, a loop in their order would read two or four elements at a time. Rows of full width are summed
  /// first, and the runs within the sums then.
  static func parts(ofReduced dimensions: [Int], _ shape: Shape) -> (rows: [Int], tail: [Int]) {
    let counted = (0..<shape.rank).filter { shape[$0] != 1 }
    let tail = counted.reversed().prefix { dimensions.contains($0) }
    let rest = counted.dropLast(tail.count)
    let run = tail.reduce(1) { $0 * shape[$1] }
    // The last dimension that is kept must lie between two that are reduced.
    guard run > 1, run < 64, shape.elementCount > 0, rest.contains(where: dimensions.contains) else {
      return (dimensions, [])
    }
    let first = tail.min() ?? shape.rank
    return (dimensions.filter { $0 < first }, dimensions.filter { $0 >= first })
  }

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
