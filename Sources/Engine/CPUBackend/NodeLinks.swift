import LatentTensorGraph

/// What each node leads to: its users, or its operands, in one list.
struct NodeLinks {
  /// The links of all nodes, those of one node together.
  let list: [Int]
  private let starts: [Int]

  private init(_ count: Int, _ links: (_ visit: (_ from: Int, _ to: Int) -> Void) -> Void) {
    var starts = [Int](repeating: 0, count: count + 1)
    links { from, _ in starts[from + 1] += 1 }
    for index in 0..<count { starts[index + 1] += starts[index] }
    var list = [Int](repeating: 0, count: starts[count])
    var ends = starts
    links { from, to in
      list[ends[from]] = to
      ends[from] += 1
    }
    self.list = list
    self.starts = starts
  }

  /// The users of each node, ascending; one that reads it twice stands there twice.
  ///
  /// - Parameter isComputed: the nodes that count as users.
  static func users(_ nodes: [Node], _ isComputed: [Bool]) -> NodeLinks {
    NodeLinks(nodes.count) { visit in
      for index in nodes.indices where isComputed[index] {
        for operand in nodes[index].operands { visit(operand, index) }
      }
    }
  }

  /// The operands of each computed node.
  static func operands(_ nodes: [Node], _ isComputed: [Bool]) -> NodeLinks {
    NodeLinks(nodes.count) { visit in
      for index in nodes.indices where isComputed[index] {
        for operand in nodes[index].operands { visit(index, operand) }
      }
    }
  }

  /// Where in the list a node's links stand.
  func range(of index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

  /// A node's links.
  subscript(_ index: Int) -> ArraySlice<Int> { list[range(of: index)] }
}
