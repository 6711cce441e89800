import LatentDiagnostics
import LatentTensorGraph

/// Every position attends to all positions (Vaswani et al. 2017): over the pixels of [N, H, W, C], or over the positions of
/// [N, T, C].
///
/// All weights of all positions are kept, so that memory grows with the square of their number.
public struct SelfAttention: Layer {
  /// The layer's path in its model.
  package let name: String
  /// How many separate attentions the features are divided between.
  package let heads: Int
  /// From features to queries, keys, and values, and from what was attended to back to features.
  package let inputs: Dense, output: Dense

  /// Creates a layer for a number of features, which the heads must divide.
  public init(_ name: String, features: Int, heads: Int = 1) {
    require(heads > 0 && features % heads == 0, "\(heads) heads do not divide \(features) features")
    self.name = name
    self.heads = heads
    inputs = Dense(name + "/inputs", inputs: features, outputs: 3 * features)
    output = Dense(name + "/output", inputs: features, outputs: features)
  }

  /// Those of both products.
  public var variables: [Variable] { inputs.variables + output.variables }

  /// [N, ..., C] to the same shape.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let features = input.shape[-1]
    let (count, width) = (input.shape[0], features / heads)
    let positions = input.shape.dimensions.dropFirst().dropLast().reduce(1, *)
    let parts = inputs(input.reshape([count, positions, features])).split(3, dimension: -1).map {
      $0.reshape([count, positions, heads, width]).transpose([0, 2, 1, 3])
    }
    let weights = (parts[0].dot(parts[1], transposeRight: true) / Double(width).squareRoot()).softmax()
    let attended = weights.dot(parts[2]).transpose([0, 2, 1, 3]).reshape([count, positions, features])
    return output(attended).reshape(input.shape)
  }
}
