import LatentDiagnostics
import LatentTensorGraph

/// What training maximises: a bound, how its gradient is estimated, and what is added to it.
///
/// The parts combine: beta-VAE is the evidence lower bound with `beta`, InfoVAE adds a `discrepancy`, and a Wasserstein
/// autoencoder is `beta` 0 with one.
public struct Objective: Hashable, Sendable {
  /// How the bound's divergence from the prior is estimated.
  public enum Estimator: String, Codable, Hashable, Sendable, CaseIterable {
    /// Estimator A: log p(x, z) - log q(z|x), all by Monte Carlo (Kingma & Welling 2013, equation 6).
    case monteCarlo
    /// Estimator B: the divergence in closed form where there is one, the rest by Monte Carlo (equation 7).
    case closedForm
  }

  /// How the gradient of the encoder's parameters is estimated.
  public enum Gradient: String, Codable, Hashable, Sendable, CaseIterable {
    /// Through the reparameterised draw (Kingma & Welling 2013, section 2.4).
    case pathwise
    /// Through the draw alone, without the score term whose expectation is known: for the evidence lower bound the path
    /// derivative (Roeder et al. 2017), for importance weights with their squares (Tucker et al. 2019).
    case doublyReparameterized
    /// The learning signal times the score of the draw: what the paper replaces (its section 2.2).
    case scoreFunction
    /// The same with the running mean of the signal taken off (Mnih & Gregor 2014).
    case scoreFunctionWithBaseline
    /// The learning signal of each of several draws with that of the others taken off: VIMCO (Mnih & Rezende 2016).
    case leaveOneOut
  }

  /// Which bound is maximised, or none.
  @Chosen<BoundAxis> public var bound: any BoundFamily
  /// How the divergence from the prior is estimated; what has no closed form is sampled in any case.
  public var estimator: Estimator
  /// How the encoder's gradient is estimated.
  public var gradient: Gradient
  /// How many latents are drawn for each example (L), or how many groups of importance samples (M).
  public var samples: Int
  /// How many latents make one importance-weighted estimate (k).
  public var importanceSamples: Int
  /// The weight of the rate: beta (Higgins et al. 2017), also for annealing.
  public var beta: ScheduledValue
  /// Rate that costs nothing, so that latents stay in use.
  public var freeBits: FreeBits
  /// A rate to be kept near, in place of a price for each nat of it.
  public var capacity: Capacity
  /// How near to choices the relaxed draws of a categorical or Bernoulli posterior are.
  public var temperature: ScheduledValue = 1
  /// What is done to examples before they are encoded.
  public var corruption: Corruption
  /// What is added to the loss.
  public var terms = ObjectiveTerms()

  /// Creates an objective without additions.
  public init(
    _ bound: some BoundFamily, estimator: Estimator = .closedForm, gradient: Gradient = .pathwise, samples: Int = 1,
    importanceSamples: Int = 1, beta: ScheduledValue = .constant(1)
  ) {
    self.bound = bound
    self.estimator = estimator
    self.gradient = gradient
    self.samples = samples
    self.importanceSamples = importanceSamples
    self.beta = beta
    freeBits = FreeBits()
    capacity = Capacity()
    corruption = Corruption()
  }

  /// The evidence lower bound, E log p(x|z) - beta KL(q(z|x) || p(z)) (Kingma & Welling 2013; with beta, Higgins et al.
  /// 2017).
  public static func elbo(
    estimator: Estimator = .closedForm, samples: Int = 1, beta: ScheduledValue = .constant(1)
  ) -> Objective {
    Objective(.evidenceLowerBound, estimator: estimator, samples: samples, beta: beta)
  }

  /// The importance-weighted bound of k samples.
  public static func importanceWeighted(_ samples: Int, gradient: Gradient = .pathwise) -> Objective {
    Objective(.importanceWeighted, estimator: .monteCarlo, gradient: gradient, importanceSamples: samples)
  }

  /// E log p(x|z) without a rate, for deterministic autoencoders and what is added to them.
  public static let reconstruction = Objective(.reconstruction)

  /// This objective with some parts changed.
  public func with(_ change: (inout Objective) -> Void) -> Objective {
    var result = self
    change(&result)
    return result
  }

  /// Whether the model is trained towards a prior that can be drawn from.
  public var hasPrior: Bool { hasBound || terms.on.contains { $0.traits.contains(.towardsPrior) } }

  /// Whether the model is trained towards a bound of log p(x).
  public var hasBound: Bool { bound.traits.contains(.bound) }

  /// The weight of the rate once all schedules have ended: `beta`, or 0 for reconstruction alone.
  var finalRateWeight: Double { hasBound ? beta.value : 0 }

  /// Whether the evidence lower bound itself is maximised, with nothing added.
  public var isPlainBound: Bool { self == .elbo(estimator: estimator, samples: samples) }

  /// Every number that may change while a model trains, those of the terms included, by the path of its setting.
  var allSchedules: [(name: String, schedule: ScheduledValue)] {
    namedSchedules + bound.namedSchedules + terms.on.flatMap(\.namedSchedules)
  }

  /// After how many epochs the last of the schedules has ended, so that it is always the same that is maximised; 0 without
  /// schedules.
  public var warmUpEpochs: Double { allSchedules.reduce(0) { max($0, $1.schedule.end) } }

  /// Whether the encoder's gradient is estimated without going through the draw.
  var isScoreFunction: Bool {
    switch gradient {
    case .scoreFunction, .scoreFunctionWithBaseline, .leaveOneOut: true
    case .pathwise, .doublyReparameterized: false
    }
  }

  /// How many latents are drawn for each example in training.
  var drawCount: Int {
    hasBound || bound.traits.contains(.importanceWeights) ? samples * importanceSamples : 1
  }
}

extension Objective: Scheduled {
  /// The numbers of its own; terms have theirs.
  public static var schedules: [(name: String, path: KeyPath<Objective, ScheduledValue>)] {
    [
      ("beta", \.beta), ("freeBits.nats", \.freeBits.nats),
      ("capacity.nats", \.capacity.nats), ("capacity.weight", \.capacity.weight),
      ("corruption.level", \.corruption.level), ("temperature", \.temperature),
    ]
  }
  /// What stands before the names.
  public static var schedulePrefix: String { "objective." }
}
