import LatentTensorGraph

/// A two-dimensional convolution of [N, H, W, C], with bias and activation.
public struct Convolution: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Of shape [kernel, kernel, inputs / groups, outputs].
  public let kernel: Variable
  /// What is added to each output channel, of shape [outputs].
  public let bias: Variable
  /// Distance between windows, in both directions.
  package let stride: Int
  /// How the borders are extended.
  package let padding: Padding
  /// How many separate convolutions the channels are divided into.
  package let groups: Int
  /// What is applied to the sum.
  package let activation: Activation

  /// Creates a layer whose initial weights suit the activation.
  public init(
    _ name: String, inputs: Int, outputs: Int, size: Int, stride: Int = 1, padding: Padding = .same, groups: Int = 1,
    activation: Activation = .identity
  ) {
    self.name = name
    self.stride = stride
    self.padding = padding
    self.groups = groups
    self.activation = activation
    let fanIn = size * size * inputs / groups
    kernel = Variable(
      name + "/kernel", shape: [size, size, inputs / groups, outputs],
      initializer: activation.initializer(fanIn: fanIn), isLinearMap: true)
    bias = Variable(name + "/bias", shape: [outputs])
  }

  /// Kernel and bias.
  public var variables: [Variable] { [kernel, bias] }

  /// [N, H, W, inputs] to [N, OH, OW, outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let sum = input.convolution(graph.read(kernel), strides: [stride, stride], padding: padding, groups: groups)
      return activation(sum + graph.read(bias))
    }
  }
}
