import LatentTensorGraph

/// activation(x W + b) over the last dimension.
public struct Dense: Layer {
  /// The layer's path in its model.
  package let name: String
  /// W, of shape [inputs, outputs].
  public let kernel: Variable
  /// b, of shape [outputs].
  public let bias: Variable
  /// What is applied to the sum.
  package let activation: Activation

  /// Creates a layer; without an initialiser the weights suit the activation. The bias starts at zero unless given.
  public init(
    _ name: String, inputs: Int, outputs: Int, activation: Activation = .identity, initializer: Initializer? = nil,
    bias: Initializer = .zeros
  ) {
    self.name = name
    self.activation = activation
    kernel = Variable(
      name + "/kernel", shape: [inputs, outputs],
      initializer: initializer ?? activation.initializer(fanIn: inputs), isLinearMap: true)
    self.bias = Variable(name + "/bias", shape: [outputs], initializer: bias)
  }

  /// Kernel and bias.
  public var variables: [Variable] { [kernel, bias] }

  /// [..., inputs] to [..., outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    self(input, outputs: 0..<bias.shape[0])
  }

  /// [..., inputs] to some of the outputs, without the work of the others.
  package func callAsFunction(_ input: Tensor, outputs: Range<Int>) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      activation(input.dot(graph.read(kernel).slice(1, outputs)) + graph.read(bias).slice(0, outputs))
    }
  }
}
