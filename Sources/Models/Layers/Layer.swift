import LatentTensorGraph

/// A part of a network: variables, and what it computes with them.
public protocol Layer: Sendable {
  /// Its variables and those of its parts.
  var variables: [Variable] { get }

  /// Adds the layer's computation to the input's graph.
  func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor
}

/// What a network is being run for, which dropout and batch normalisation depend on.
public enum Mode: Hashable, Sendable {
  /// In training dropout drops and batch normalisation goes by the batch; in inference both depend on no other example.
  case training, inference
}

/// Layers one after another.
public struct Sequential: Layer {
  /// The layers, in the order in which the input goes through them.
  public let layers: [any Layer]

  /// Creates a chain, each layer of which takes what the one before gives.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The variables of all layers.
  public var variables: [Variable] { layers.flatMap(\.variables) }

  /// Applies the layers in order.
  public func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    layers.reduce(input) { $1($0, mode: mode) }
  }
}
