import LatentDistributions
import LatentTensorGraph

/// log of the mean of `importanceSamples` importance weights, averaged over `samples` such means: IWAE with one of them
/// (Burda et al. 2015), MIWAE with several (Rainforth et al. 2018).
public struct ImportanceWeightedBound: BoundFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("importanceWeighted", "the logarithm of a mean of importance weights")
  /// What may be relied on.
  public var traits: BoundTraits { [.bound, .importanceWeights, .pathDerivative] }

  /// It has no settings of its own.
  public init() {}

  /// What is minimised.
  public func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    let groups = context.objective.samples
    guard context.objective.gradient == .doublyReparameterized else {
      return context.minimizing(-context.logMeanExp(context.logWeights, groups: groups))
    }
    return context.minimizing(
      encoder: context.doublyReparameterized(), rest: -context.logMeanExp(context.logWeights, groups: groups))
  }
}

extension BoundFamily where Self == ImportanceWeightedBound {
  /// The bound by importance weights.
  public static var importanceWeighted: Self { Self() }
}

extension BoundContext {
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
