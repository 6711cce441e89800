import LatentTensorGraph

/// What is done to examples before they are encoded; the likelihood sees them whole (Im et al. 2017).
public struct Corruption: Codable, Hashable, Sendable {
  /// What is done to an example before it is encoded.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing: examples are encoded as they are.
    case none
    /// Normal noise with the standard deviation `level`.
    case normal
    /// A share `level` of the values becomes 0.
    case mask
    /// A share `level` of the values becomes 0 or 1.
    case saltAndPepper
  }

  /// What is done to an example before it is encoded.
  public var kind = Kind.none
  /// How much: the noise's standard deviation, or the share of values that are hit.
  public var level: ScheduledValue = 0.25

  /// Examples are encoded as they are.
  public init() {}

  /// Examples with fresh damage; the level is a scalar.
  func callAsFunction(_ examples: Tensor, level: Tensor) -> Tensor {
    let graph = examples.graph
    guard kind != .none else { return examples }
    return graph.scope("corruption") {
      if kind == .normal { return examples + graph.random(.normal, shape: examples.shape, type: examples.type) * level }
      let draw = graph.random(.uniform, shape: examples.shape, type: examples.type)
      let isHit = draw.compare(.less, level.broadcast(to: draw.shape))
      let replacement =
        kind == .mask
        ? examples.scalar(0) : draw.compare(.less, (level / 2).broadcast(to: draw.shape)).converted(to: examples.type)
      return isHit.select(replacement, examples)
    }
  }
}
