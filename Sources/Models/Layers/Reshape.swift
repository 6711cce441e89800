import LatentTensorGraph

/// Each example under another shape; the batch dimension stays.
public struct Reshape: Layer {
  /// The shape of an example afterwards.
  package let example: [Int]

  /// Creates a layer that gives examples a shape with as many elements as they have.
  public init(_ example: [Int]) { self.example = example }

  /// Empty: nothing is learned.
  public var variables: [Variable] { [] }

  /// [N, ...] to [N] + example.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    input.reshape([input.shape[0]] + example)
  }
}
