import LatentDiagnostics
import LatentTensorGraph

/// A learned vector for each of a number of things, such as tokens or classes.
public struct Embedding: Layer {
  /// The layer's path in its model.
  package let name: String
  /// The vectors, of shape [count, features].
  public let table: Variable

  /// Creates a layer whose vectors are drawn from a Normal.
  public init(_ name: String, count: Int, features: Int, standardDeviation: Double = 1) {
    self.name = name
    table = Variable(
      name + "/table", shape: [count, features], initializer: .normal(standardDeviation: standardDeviation))
  }

  /// The table.
  public var variables: [Variable] { [table] }

  /// int32 indices [...] to vectors [..., features]; an index out of range is clamped.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    require(input.type == .int32, "an embedding takes int32 indices, not \(input.type) \(input.shape)")
    let graph = input.graph
    return graph.scope(name) {
      let rows = graph.read(table).gather(input.reshape([input.shape.elementCount]))
      return rows.reshape(Shape(input.shape.dimensions + [table.shape[1]]))
    }
  }
}
