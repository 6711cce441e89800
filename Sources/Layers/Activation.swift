import TensorGraph

/// An element-wise non-linearity, by name.
public enum Activation: String, Codable, Hashable, Sendable, CaseIterable {
  case identity, tanh, relu, leakyRelu, elu, gelu, silu, logistic, softplus

  /// Applies it to every element.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    switch self {
    case .identity: input
    case .tanh: input.tanh()
    case .relu: input.relu()
    case .leakyRelu: input.leakyRelu()
    case .elu: input.elu()
    case .gelu: input.gelu()
    case .silu: input.silu()
    case .logistic: input.logistic()
    case .softplus: input.softplus()
    }
  }

  /// Initial weights that keep the variance of what passes through: He's for rectifiers, Glorot's for the rest.
  func initializer(fanIn: Int, fanOut: Int) -> Initializer {
    switch self {
    case .relu, .leakyRelu, .elu, .gelu, .silu: .heNormal(fanIn: fanIn)
    case .identity, .tanh, .logistic, .softplus: .glorotUniform(fanIn: fanIn, fanOut: fanOut)
    }
  }
}
