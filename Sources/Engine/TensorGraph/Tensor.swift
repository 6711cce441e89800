import LatentDiagnostics

/// A symbolic array: the name of a node in a graph. Operators and methods on it add nodes.
public struct Tensor: Hashable {
  /// The graph it belongs to.
  public let graph: Graph
  /// The node's place in the graph.
  package let index: Int

  /// The node in its graph: operation, operands, shape, and element type.
  package var node: Node { graph.nodes[index] }
  /// The sizes of the dimensions.
  public var shape: Shape { node.shape }
  /// The type of the elements.
  public var type: ElementType { node.type }
  /// The number of dimensions.
  public var rank: Int { shape.rank }

  /// The name it was given, if it is an input.
  package var inputName: String? {
    if case .input(let name) = node.operation { name } else { nil }
  }

  init(graph: Graph, index: Int) {
    self.graph = graph
    self.index = index
  }

  /// The tensor of the same graph at another index.
  package func sibling(_ index: Int) -> Tensor { graph.tensor(index) }

  /// Whether both name the same node of the same graph.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.graph === right.graph && left.index == right.index
  }

  /// Hashes the node's place.
  public func hash(into hasher: inout Hasher) { hasher.combine(index) }

  /// A scalar constant of this tensor's element type.
  package func scalar(_ value: Double) -> Tensor { graph.constant(value, type) }
}
