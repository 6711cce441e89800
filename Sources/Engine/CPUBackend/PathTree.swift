import LatentTensorGraph

/// A tree of some of the paths of a graph: from each node up to that of its operands that the longest path leads to.
///
/// Who is above whom it tells at once. In a network with its gradient nearly every path is one of the tree: forward, through
/// the loss, and back.
struct PathTree {
  /// The operand above each node, or -1.
  let parent: [Int]
  private let number: [Int]
  private let size: [Int]

  init(_ nodes: [Node], _ isComputed: [Bool]) {
    var parent = [Int](repeating: -1, count: nodes.count)
    var depth = [Int](repeating: 0, count: nodes.count)
    for index in nodes.indices where isComputed[index] {
      for operand in nodes[index].operands where isComputed[operand] && depth[operand] >= depth[index] {
        depth[index] = depth[operand] + 1
        parent[index] = operand
      }
    }
    var size = [Int](repeating: 1, count: nodes.count)
    for index in nodes.indices.reversed() where parent[index] >= 0 { size[parent[index]] += size[index] }
    // A node is numbered before those below it, which have the numbers after its own.
    var number = [Int](repeating: 0, count: nodes.count)
    var free = [Int](repeating: 0, count: nodes.count)
    var roots = 0
    for index in nodes.indices {
      if parent[index] >= 0 {
        number[index] = free[parent[index]]
        free[parent[index]] += size[index]
      } else {
        number[index] = roots
        roots += size[index]
      }
      free[index] = number[index] + 1
    }
    self.parent = parent
    self.number = number
    self.size = size
  }

  /// Whether the one is the other, or above it.
  func leads(from upper: Int, to lower: Int) -> Bool {
    number[upper] <= number[lower] && number[lower] < number[upper] + size[upper]
  }
}
