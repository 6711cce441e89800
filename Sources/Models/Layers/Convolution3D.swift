import LatentTensorGraph

/// A three-dimensional convolution of [N, D, H, W, C], with bias and activation.
public struct Convolution3D: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Of shape [kernel, kernel, kernel, inputs / groups, outputs].
  public let kernel: Variable
  /// What is added to each output channel, of shape [outputs].
  public let bias: Variable
  /// Distance between windows, in all directions.
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
    kernel = Variable(
      name + "/kernel", shape: [size, size, size, inputs / groups, outputs],
      initializer: activation.initializer(fanIn: size * size * size * inputs / groups), isLinearMap: true)
    bias = Variable(name + "/bias", shape: [outputs])
  }

  /// Kernel and bias.
  public var variables: [Variable] { [kernel, bias] }

  /// [N, D, H, W, inputs] to [N, OD, OH, OW, outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let strides = [stride, stride, stride]
      let sum = input.convolution3D(graph.read(kernel), strides: strides, padding: padding, groups: groups)
      return activation(sum + graph.read(bias))
    }
  }
}

/// The transpose of a strided three-dimensional convolution: depth, height, and width grow by the stride.
public struct TransposedConvolution3D: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Of shape [kernel, kernel, kernel, outputs, inputs]: that of the convolution being transposed.
  public let kernel: Variable
  /// What is added to each output channel, of shape [outputs].
  public let bias: Variable
  /// By what depth, height, and width grow.
  package let stride: Int
  /// What is applied to the sum.
  package let activation: Activation

  /// Creates a layer whose initial weights suit the activation.
  public init(
    _ name: String, inputs: Int, outputs: Int, size: Int, stride: Int, activation: Activation = .identity
  ) {
    self.name = name
    self.stride = stride
    self.activation = activation
    // A result element is touched by about (size / stride)^3 kernel elements of each input channel.
    let taps = max(1, size * size * size / (stride * stride * stride))
    kernel = Variable(
      name + "/kernel", shape: [size, size, size, outputs, inputs],
      initializer: activation.initializer(fanIn: taps * inputs), isLinearMap: true)
    bias = Variable(name + "/bias", shape: [outputs])
  }

  /// Kernel and bias.
  public var variables: [Variable] { [kernel, bias] }

  /// [N, D, H, W, inputs] to [N, D * stride, H * stride, W * stride, outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let sum = input.transposedConvolution3D(
        graph.read(kernel), outputSize: (1...3).map { input.shape[$0] * stride }, strides: [stride, stride, stride],
        padding: .same)
      return activation(sum + graph.read(bias))
    }
  }
}
