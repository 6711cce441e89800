import Foundation

/// An estimate of the negative log-likelihood by importance samples (Burda et al. 2015, equation 8), or by chains.
public struct LikelihoodEstimate: Hashable, Sendable {
  /// The bound from fewer samples, which says how far it still falls.
  public struct Bound: Hashable, Sendable {
    /// How many samples each estimate is of.
    public var samples: Int
    /// -log p(x) from above, in nats per example.
    public var nll: Double
  }

  /// -log p(x) from above, in nats per example: its expectation falls towards the truth as the samples grow.
  public var nll: Double
  /// The standard error over the examples.
  public var error: Double
  /// How many latents were drawn for each example.
  public var samples: Int
  /// How many examples were averaged over.
  public var examples: Int
  /// -log p(x) of each example, in their order: two models are compared by the differences.
  public var values: [Double]
  /// The samples that count after weighing, (sum w)^2 / sum w^2 (Kong 1992), of each example's draws averaged over the examples; `nil`
  /// where nothing was weighed. Near 1 the estimate rests on single draws, and is too high.
  public var effectiveSamples: Double?
  /// The part of the error that more draws would take away, by the spread of the weights; `nil` where nothing was weighed.
  public var drawError: Double?
  /// The bound against the number of samples, in groups of the same draws; empty where nothing was weighed.
  public var bounds: [Bound] = []

  /// The interval that holds the truth of all such examples in 95 of 100 cases, as far as the estimate is without bias; `nil` where the
  /// estimate is no finite number.
  public var interval: ClosedRange<Double>? {
    nll.isFinite && error.isFinite ? (nll - 1.96 * error)...(nll + 1.96 * error) : nil
  }

  /// An estimate from its values.
  init(_ values: [Double], samples: Int) {
    (nll, error, self.values, self.samples) = (values.mean, values.standardError, values, samples)
    examples = values.count
  }

  /// An estimate from the weights of each example.
  init(_ weights: [ImportanceWeights], samples: Int) {
    self.init(weights.map(\.negativeLogLikelihood), samples: samples)
    let effective = weights.map(\.effectiveSamples)
    effectiveSamples = effective.mean
    // The variance of log of a mean is that of the mean over its square: 1 / ESS - 1 / K.
    let variances = effective.map { max(0, 1 / $0 - 1 / Double(samples)) }
    drawError = variances.reduce(0, +).squareRoot() / Double(weights.count)
    let sizes = weights.first?.groups.map(\.size) ?? []
    bounds = sizes.enumerated().map { place, size in
      Bound(samples: size, nll: weights.map { $0.groups[place].mean }.mean)
    }
  }
}

/// The importance weights of one example, of which sums alone are kept.
struct ImportanceWeights {
  /// Disjoint groups of some of the weights, of which each gives a bound.
  struct Group {
    let size: Int
    private var sum = RunningLogSumExp()
    private var filled = 0
    private var total = 0.0
    private var count = 0

    init(size: Int) { self.size = size }

    mutating func add(_ weight: Double) {
      sum.add(weight)
      filled += 1
      guard filled == size else { return }
      total += Foundation.log(Double(size)) - sum.value
      (sum, filled, count) = (RunningLogSumExp(), 0, count + 1)
    }

    /// -log p(x) from above, averaged over the groups that are full.
    var mean: Double { total / Double(count) }
  }

  private var sum = RunningLogSumExp()
  private var squares = RunningLogSumExp()
  private var count = 0
  private(set) var groups: [Group]

  /// - Parameter samples: how many weights there will be.
  init(samples: Int) {
    groups = [1, 10, 100, 1000, 10_000, 100_000].filter { $0 < samples }.map(Group.init)
  }

  /// Includes the logarithm of a weight.
  mutating func add(_ weight: Double) {
    sum.add(weight)
    squares.add(2 * weight)
    count += 1
    for place in groups.indices { groups[place].add(weight) }
  }

  var negativeLogLikelihood: Double { Foundation.log(Double(count)) - sum.value }

  /// (sum w)^2 / sum w^2; 1 where all weights are zero.
  var effectiveSamples: Double { sum.value.isFinite ? Foundation.exp(2 * sum.value - squares.value) : 1 }
}
