import TensorGraph

/// How a gradient becomes a change of a parameter.
public enum UpdateRule: String, Codable, Hashable, Sendable, CaseIterable {
  /// Stochastic gradient descent, with momentum (Sutskever et al. 2013) when that is above zero.
  case sgd
  /// Duchi, Hazan & Singer 2011.
  case adagrad
  /// Tieleman & Hinton 2012.
  case rmsProp
  /// Kingma & Ba 2014, algorithm 1.
  case adam
  /// Loshchilov & Hutter 2017: Adam with decoupled weight decay.
  case adamW
  /// Kingma & Ba 2014, algorithm 2: Adam with the infinity norm.
  case adamax

  /// The names of the state that the rule keeps for each parameter.
  func slots(momentum: Double) -> [String] {
    switch self {
    case .sgd: momentum > 0 ? ["momentum"] : []
    case .adagrad: ["squares"]
    case .rmsProp: ["squares"]
    case .adam, .adamW: ["mean", "squares"]
    case .adamax: ["mean", "largest"]
    }
  }
}
