import LatentTensorGraph

/// The transpose of a strided convolution: [N, H, W, C] to [N, H * stride, W * stride, outputs], or to another size from
/// which the convolution gives H and W.
public struct TransposedConvolution: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Of shape [kernel, kernel, outputs, inputs]: that of the convolution being transposed.
  public let kernel: Variable
  /// What is added to each output channel, of shape [outputs].
  public let bias: Variable
  /// By what height and width grow.
  package let stride: Int
  /// Height and width of the result; `nil` for those of the input times the stride.
  package let outputSize: [Int]?
  /// What is applied to the sum.
  package let activation: Activation

  /// Creates a layer whose initial weights suit the activation.
  public init(
    _ name: String, inputs: Int, outputs: Int, size: Int, stride: Int, outputSize: [Int]? = nil,
    activation: Activation = .identity
  ) {
    self.name = name
    self.stride = stride
    self.outputSize = outputSize
    self.activation = activation
    // A result element is touched by about (size / stride)^2 kernel elements of each input channel.
    let taps = max(1, size * size / (stride * stride))
    kernel = Variable(
      name + "/kernel", shape: [size, size, outputs, inputs],
      initializer: activation.initializer(fanIn: taps * inputs), isLinearMap: true)
    bias = Variable(name + "/bias", shape: [outputs])
  }

  /// Kernel and bias.
  public var variables: [Variable] { [kernel, bias] }

  /// [N, H, W, inputs] to [N, H * stride, W * stride, outputs], or to the size that was given.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let sum = input.transposedConvolution(
        graph.read(kernel), outputSize: outputSize ?? [input.shape[1] * stride, input.shape[2] * stride],
        strides: [stride, stride], padding: .same)
      return activation(sum + graph.read(bias))
    }
  }
}
