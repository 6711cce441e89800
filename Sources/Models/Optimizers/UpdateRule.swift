import LatentTensorGraph

/// How a gradient becomes a change of a parameter.
public enum UpdateRule: String, Codable, Hashable, Sendable, CaseIterable {
  /// Stochastic gradient descent, with momentum (Sutskever et al. 2013) when that is above zero.
  case sgd
  /// Steps divided by the root of the sum of all squared gradients so far (Duchi, Hazan & Singer 2011).
  case adagrad
  /// Steps divided by the root of a running mean of squared gradients (Tieleman & Hinton 2012).
  case rmsProp
  /// Kingma & Ba 2014, algorithm 1.
  case adam
  /// Loshchilov & Hutter 2017: Adam with decoupled weight decay.
  case adamW
  /// Kingma & Ba 2014, algorithm 2: Adam with the infinity norm.
  case adamax
  /// Jordan et al. 2024: the momentum of a layer's kernel with its singular values brought to 1, scaled so that a change is as
  /// large as one of Adam's (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2); other parameters go by Adam.
  /// Held-out digits reach the same bound in a third of Adam's epochs, both in batches of 1000 (docs/design-space.md).
  case muon

  /// The rule for one parameter.
  func rule(for parameter: Variable) -> UpdateRule { self == .muon && !parameter.isLinearMap ? .adam : self }

  /// The names of the state that the rule keeps for one parameter.
  func slots(for parameter: Variable, momentum: Double) -> [String] {
    switch rule(for: parameter) {
    case .muon: ["mean"]
    case .sgd: momentum > 0 ? ["momentum"] : []
    case .adagrad: ["squares"]
    case .rmsProp: ["squares"]
    case .adam, .adamW: ["mean", "squares"]
    case .adamax: ["mean", "largest"]
    }
  }
}
