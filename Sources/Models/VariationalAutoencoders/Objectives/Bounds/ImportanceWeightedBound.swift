import LatentDistributions
import LatentTensorGraph

/// log of the mean of `importanceSamples` importance weights, averaged over `samples` such means: IWAE with one of them
/// (Burda et al. 2015), MIWAE with several (Rainforth et al. 2018).
public struct ImportanceWeightedBound: BoundFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("importanceWeighted", "the logarithm of a mean of importance weights")
  /// What may be relied on.
  public var traits: BoundTraits { [.bound, .importanceWeights, .pathDerivative, .leaveOneOut] }

  /// It has no settings of its own.
  public init() {}

  /// What is minimised.
  public func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    let groups = context.objective.samples
    let bound = -context.logMeanExp(context.logWeights, groups: groups)
    switch context.objective.gradient {
    case .doublyReparameterized: return context.minimizing(encoder: context.doublyReparameterized(), rest: bound)
    case .leaveOneOut: return context.minimizing(encoder: context.leaveOneOut(), rest: bound)
    case .pathwise, .scoreFunction, .scoreFunctionWithBaseline: return context.minimizing(bound)
    }
  }
}

extension BoundFamily where Self == ImportanceWeightedBound {
  /// The bound by importance weights.
  public static var importanceWeighted: Self { Self() }
}

extension BoundContext {
  /// A loss whose gradient with respect to the encoder is that of the bound by the draws' scores: each draw's signal is the bound
  /// less what it would be with the geometric mean of the other weights in the place of the draw's own (Mnih & Rezende 2016,
  /// equations 7 and 8).
  func leaveOneOut() -> Tensor {
    let groups = objective.samples
    let score = draw.posterior?.logProbability(z) ?? logPosterior
    let weights = logWeights(logPosterior: score)
    let count = weights.shape[0] / groups
    let shape: Shape = [groups, count, batch.count]
    let (grouped, scores) = (weights.reshape(shape), score.reshape(shape))
    let fixed = grouped.stopGradient()
    let bound = fixed.logSumExp([1], keepingDimensions: true)
    let others = (fixed.sum([1], keepingDimensions: true) - fixed) / Double(count - 1)
    // [groups, draw, weight, batch]: the draw's own weight is replaced by the mean of the others.
    let isOwn = z.graph.iota(shape: [1, count, count, 1], dimension: 1)
      .compare(.equal, z.graph.iota(shape: [1, count, count, 1], dimension: 2))
    let without = isOwn.select(others.expandingDimension(2), fixed.expandingDimension(1)).logSumExp([2])
    let signal = bound - without
    let share = (fixed - bound).exp()
    return -(signal * scores + share * grouped).sum([1]).mean()
  }

  /// A loss whose gradient with respect to the encoder is - sum_k c_k d log w_k / dz dz/dphi with
  /// c_k = (1 - beta) v_k + beta v_k^2, where v are the normalised weights.
  ///
  /// The path through a draw has the coefficient v_k. The score of log q, which has -beta v_k, becomes a path too (Tucker et
  /// al. 2019, equation 8): -beta E v_k d log q(z_k) = -beta E (v_k - v_k^2) d log w_k / dz dz/dphi. At beta = 1 the sum is
  /// their equation 9.
  func doublyReparameterized() -> Tensor {
    let groups = objective.samples
    let path = pathLogWeights
    let grouped = path.reshape([groups, path.shape[0] / groups, batch.count])
    let normalized = (grouped - grouped.logSumExp([1], keepingDimensions: true)).exp().stopGradient()
    var coefficients = normalized.squared()
    if objective.beta != .constant(1) { coefficients = normalized * (1 - beta) + coefficients * beta }
    return -(coefficients * grouped).sum([1]).mean()
  }
}
