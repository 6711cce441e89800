import LatentTensorGraph

/// x + f(x): the input beside what some layers make of it (He et al. 2016).
public struct Residual: Layer {
  /// What is added to the input.
  package let layers: Sequential
  /// What the input is passed through where its width is not that of the layers' result.
  package let shortcut: (any Layer)?

  /// Creates a block; the layers' result must be of the shape that the shortcut, or the input itself, has.
  public init(_ layers: [any Layer], shortcut: (any Layer)? = nil) {
    self.layers = Sequential(layers)
    self.shortcut = shortcut
  }

  /// Those of the layers and of the shortcut.
  public var variables: [Variable] { layers.variables + (shortcut?.variables ?? []) }

  /// The sum of both ways.
  public func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    (shortcut?(input, mode: mode) ?? input) + layers(input, mode: mode)
  }
}

/// An activation by itself.
public struct ActivationLayer: Layer {
  /// What every element is passed through.
  package let activation: Activation

  /// Creates a layer.
  public init(_ activation: Activation) { self.activation = activation }

  /// Empty: nothing is learned.
  public var variables: [Variable] { [] }

  /// Element by element.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor { activation(input) }
}
