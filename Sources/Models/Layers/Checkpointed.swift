import LatentTensorGraph

/// A part of a network whose values are computed again for its gradient instead of being kept: memory for time.
///
/// In a network of such parts what stands between them is kept, and at any time the values inside one of them.
public struct Checkpointed: Layer {
  /// The part.
  public let layer: any Layer

  /// Creates a layer that computes what a part computes.
  public init(_ layer: any Layer) { self.layer = layer }

  /// Creates a layer of several, one after another.
  public init(_ layers: [any Layer]) { layer = Sequential(layers) }

  /// The part's.
  public var variables: [Variable] { layer.variables }

  /// What the part gives.
  public func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    input.graph.checkpointed { layer(input, mode: mode) }
  }
}
