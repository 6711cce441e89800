/// A symbolic array: the name of a node in a graph. Operators and methods on it add nodes.
public struct Tensor: Hashable {
  /// The graph it belongs to.
  public let graph: Graph
  /// The node's place in the graph.
  public let index: Int

  /// The node itself.
  public var node: Node { graph.nodes[index] }
  /// The sizes of the dimensions.
  public var shape: Shape { node.shape }
  /// The type of the elements.
  public var type: ElementType { node.type }
  /// The number of dimensions.
  public var rank: Int { shape.rank }

  init(graph: Graph, index: Int) {
    self.graph = graph
    self.index = index
  }

  /// The tensor of the same graph at another index.
  public func sibling(_ index: Int) -> Tensor {
    precondition(graph.nodes.indices.contains(index), "no node \(index) in the graph")
    return Tensor(graph: graph, index: index)
  }

  /// Whether both name the same node of the same graph.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.graph === right.graph && left.index == right.index
  }

  /// Hashes the node's place.
  public func hash(into hasher: inout Hasher) { hasher.combine(index) }

  /// A scalar constant of this tensor's element type.
  public func scalar(_ value: Double) -> Tensor { graph.constant(value, type) }
}

/// Stops with a sentence that names the operation, the shapes, and where in the model and in the code it happened.
///
/// A mistake in the program, not in its data; `fatalError` because, unlike `preconditionFailure`, it prints the sentence
/// in release builds too.
func shapeMistake(
  _ operation: String, _ operands: [Tensor], _ expectation: String, file: StaticString, line: UInt
) -> Never {
  let shapes = operands.map { "\($0.type) \($0.shape)" }.joined(separator: " and ")
  let scope = operands.last.map { $0.graph.scopes[$0.index] } ?? ""
  fatalError(
    "\(operation) of \(shapes)\(scope.isEmpty ? "" : " in \(scope)"): \(expectation)", file: file, line: line)
}
