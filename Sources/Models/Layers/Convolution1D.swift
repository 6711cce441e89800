import LatentTensorGraph

/// A one-dimensional convolution of [N, L, C], with bias and activation.
public struct Convolution1D: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Of shape [kernel, inputs / groups, outputs].
  public let kernel: Variable
  /// What is added to each output channel, of shape [outputs].
  public let bias: Variable
  /// Distance between windows.
  package let stride: Int
  /// How the ends are extended; with `.causal` no output depends on later input.
  package let padding: Padding
  /// Distance between neighbouring elements of the kernel.
  package let dilation: Int
  /// How many separate convolutions the channels are divided into.
  package let groups: Int
  /// What is applied to the sum.
  package let activation: Activation

  /// Creates a layer whose initial weights suit the activation.
  public init(
    _ name: String, inputs: Int, outputs: Int, size: Int, stride: Int = 1, padding: Padding = .same, dilation: Int = 1,
    groups: Int = 1, activation: Activation = .identity
  ) {
    self.name = name
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.activation = activation
    kernel = Variable(
      name + "/kernel", shape: [size, inputs / groups, outputs],
      initializer: activation.initializer(fanIn: size * inputs / groups), isLinearMap: true)
    bias = Variable(name + "/bias", shape: [outputs])
  }

  /// Kernel and bias.
  public var variables: [Variable] { [kernel, bias] }

  /// [N, L, inputs] to [N, OL, outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let sum = input.convolution1D(
        graph.read(kernel), stride: stride, padding: padding, dilation: dilation, groups: groups)
      return activation(sum + graph.read(bias))
    }
  }
}

/// The transpose of a strided one-dimensional convolution: [N, L, C] to [N, L * stride, outputs].
public struct TransposedConvolution1D: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Of shape [kernel, outputs, inputs]: that of the convolution being transposed.
  public let kernel: Variable
  /// What is added to each output channel, of shape [outputs].
  public let bias: Variable
  /// By what the length grows.
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
    // A result element is touched by about size / stride kernel elements of each input channel.
    kernel = Variable(
      name + "/kernel", shape: [size, outputs, inputs],
      initializer: activation.initializer(fanIn: max(1, size / stride) * inputs), isLinearMap: true)
    bias = Variable(name + "/bias", shape: [outputs])
  }

  /// Kernel and bias.
  public var variables: [Variable] { [kernel, bias] }

  /// [N, L, inputs] to [N, L * stride, outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let sum = input.transposedConvolution1D(
        graph.read(kernel), outputLength: input.shape[1] * stride, stride: stride, padding: .same)
      return activation(sum + graph.read(bias))
    }
  }
}
