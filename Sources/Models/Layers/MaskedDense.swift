import LatentTensorGraph

/// A dense layer in which an output reads only inputs whose degrees allow it (Germain et al. 2015, section 3.1).
///
/// The mask comes from the degrees within the program, so it takes no memory beside the kernel; elements of the kernel
/// off the mask have no influence and get no gradient.
package struct MaskedDense: Layer {
  /// The layer's path in its model.
  package let name: String
  /// W before it is masked, of shape [inputs, outputs].
  package let kernel: Variable
  /// b, of shape [outputs].
  package let bias: Variable
  /// The degree of each input.
  package let inputDegrees: [Int]
  /// The degree of each output.
  package let outputDegrees: [Int]
  /// Whether an output reads inputs of lower degree only (their equation 13) or also of its own (equation 12).
  package let isStrict: Bool
  /// What is applied to the sum.
  package let activation: Activation
  /// Whether no gradient flows to the variables.
  var isFrozen = false

  /// Creates a layer; without an initialiser the weights suit the activation and how many inputs an output reads.
  package init(
    _ name: String, inputDegrees: [Int], outputDegrees: [Int], isStrict: Bool = false,
    activation: Activation = .identity, initializer: Initializer? = nil, bias: Initializer = .zeros
  ) {
    self.name = name
    self.inputDegrees = inputDegrees
    self.outputDegrees = outputDegrees
    self.isStrict = isStrict
    self.activation = activation
    let connections = outputDegrees.reduce(0) { sum, degree in
      sum + inputDegrees.count { isStrict ? $0 < degree : $0 <= degree }
    }
    let fanIn = connections / max(1, outputDegrees.count)
    kernel = Variable(
      name + "/kernel", shape: [inputDegrees.count, outputDegrees.count],
      initializer: initializer ?? activation.initializer(fanIn: max(1, fanIn)), isLinearMap: true)
    self.bias = Variable(name + "/bias", shape: [outputDegrees.count], initializer: bias)
  }

  /// Kernel and bias.
  package var variables: [Variable] { [kernel, bias] }

  /// [..., inputs] to [..., outputs].
  package func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    input.graph.scope(name) { activation(sum(input)) }
  }

  /// What the activation is applied to.
  func sum(_ input: Tensor) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let weights = read(kernel, in: graph)
      let mask = degrees(inputDegrees, [inputDegrees.count, 1], in: graph)
        .compare(isStrict ? .less : .lessOrEqual, degrees(outputDegrees, [1, outputDegrees.count], in: graph))
      return input.rowProduct(mask.select(weights, weights.scalar(0))) + read(bias, in: graph)
    }
  }

  /// A variable's value, as a constant if the layer is frozen.
  func read(_ variable: Variable, in graph: Graph) -> Tensor {
    let value = graph.read(variable)
    return isFrozen ? value.stopGradient() : value
  }

  private func degrees(_ degrees: [Int], _ shape: Shape, in graph: Graph) -> Tensor {
    graph.constant(degrees.map(Double.init), shape: shape)
  }
}
