import LatentTensorGraph

/// Minimises a loss: the update rule with its settings, clipping, and a running average of the weights.
public struct Optimizer: Codable, Hashable, Sendable {
  /// How a gradient becomes a change.
  public var rule: UpdateRule
  /// The step size before any schedule.
  public var learningRate: Double
  /// The share of the old direction that stays (sgd), 0 for none.
  public var momentum: Double
  /// Decay of the first moment (adam, adamW, adamax, muon).
  public var beta1: Double
  /// Decay of the second moment (adam, adamW, adamax, rmsProp, and vectors under muon).
  public var beta2: Double
  /// Added where the rule divides.
  public var epsilon: Double
  /// What is taken off each weight per unit of learning rate (adamW, muon).
  public var weightDecay: Double
  /// Gradients are scaled down so that their norm, all parameters together, is at most this; 0 does not clip.
  public var clipNorm: Double
  /// The decay of a running average of the weights, which evaluation then uses; 0 keeps none. After t steps it is at most
  /// (1 + t) / (10 + t), so that a short run is not averaged with its beginning (TensorFlow's `ExponentialMovingAverage`).
  public var averageDecay: Double

  /// Creates an optimiser; the defaults are those of Adam's paper.
  public init(
    _ rule: UpdateRule, learningRate: Double, momentum: Double = 0, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, clipNorm: Double = 0, averageDecay: Double = 0
  ) {
    self.rule = rule
    self.learningRate = learningRate
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.averageDecay = averageDecay
  }

  /// Adam with the moments' decay and the epsilon of its paper (Kingma & Ba 2014, algorithm 1).
  public static func adam(learningRate: Double = 1e-3) -> Optimizer { Optimizer(.adam, learningRate: learningRate) }

  /// Muon with the momentum of its authors (Jordan et al. 2024).
  public static func muon(learningRate: Double = 1e-2) -> Optimizer {
    Optimizer(.muon, learningRate: learningRate, beta1: 0.95)
  }
}
