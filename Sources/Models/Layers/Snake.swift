import Foundation
import LatentTensorGraph

/// x + sin^2(a x) / a with a learned frequency a > 0 for each feature of the last dimension: an activation for what is
/// periodic, such as sound (Ziyin et al. 2020).
public struct Snake: Layer {
  /// The layer's path in its model.
  package let name: String
  /// log a, of shape [features], so that a stays positive.
  public let logFrequency: Variable

  /// Creates a layer whose frequencies are one number at first.
  public init(_ name: String, features: Int, frequency: Double = 1) {
    self.name = name
    logFrequency = Variable(
      name + "/logFrequency", shape: [features], initializer: .constant(Foundation.log(frequency)))
  }

  /// The logarithms of the frequencies.
  public var variables: [Variable] { [logFrequency] }

  /// [..., features] to the same.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let frequency = graph.read(logFrequency).exp()
      return input + (input * frequency).sine().squared() / frequency
    }
  }
}
