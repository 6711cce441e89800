import LatentTensorGraph

/// (x W + b) * logistic(x V + c) over the last dimension (Dauphin et al. 2017; Tomczak & Welling 2018).
public struct GatedDense: Layer {
  /// x W + b, through the activation: what the gate lets through.
  package let value: Dense
  /// x V + c, through the logistic function.
  package let gate: Dense

  /// Creates a layer of two dense ones, named `value` and `gate`; the activation is the value's.
  public init(_ name: String, inputs: Int, outputs: Int, activation: Activation = .identity) {
    value = Dense(name + "/value", inputs: inputs, outputs: outputs, activation: activation)
    gate = Dense(name + "/gate", inputs: inputs, outputs: outputs, activation: .logistic)
  }

  /// The kernels and biases of value and gate.
  public var variables: [Variable] { value.variables + gate.variables }

  /// [..., inputs] to [..., outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    value(input, mode: mode) * gate(input, mode: mode)
  }
}

/// A dense layer whose sums are normalised over the batch before the activation.
public struct NormalizedDense: Layer {
  /// x W; the normalisation's offset is the bias.
  package let sum: Dense
  /// The normalisation of each sum over the batch in training, by running statistics in inference.
  package let normalization: BatchNormalization
  /// What is applied to the normalised sums.
  package let activation: Activation

  /// Creates a layer of a dense one without a bias of its own and its normalisation, named `normalization`.
  public init(_ name: String, inputs: Int, outputs: Int, activation: Activation) {
    sum = Dense(
      name, inputs: inputs, outputs: outputs, initializer: activation.initializer(fanIn: inputs))
    normalization = BatchNormalization(name + "/normalization", features: outputs)
    self.activation = activation
  }

  /// Those of the sums and of the normalisation.
  public var variables: [Variable] { sum.variables + normalization.variables }

  /// [..., inputs] to [..., outputs].
  public func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    activation(normalization(sum(input, mode: mode), mode: mode))
  }
}
