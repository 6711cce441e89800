import LatentTensorGraph

/// The encoder is trained by `samples` means of `importanceSamples` importance weights each, everything else by one mean of all
/// of them: PIWAE (Rainforth et al. 2018).
public struct PartiallyImportanceWeightedBound: BoundFamily {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "partiallyImportanceWeighted", "fewer importance weights for the encoder than for the rest")
  /// What may be relied on.
  public var traits: BoundTraits { [.bound, .importanceWeights, .pathDerivative] }

  /// It has no settings of its own.
  public init() {}

  /// What is minimised.
  public func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    let encoder =
      context.objective.gradient == .doublyReparameterized
      ? context.doublyReparameterized()
      : -context.logMeanExp(context.logWeights, groups: context.objective.samples)
    return context.minimizing(encoder: encoder, rest: -context.logMeanExp(context.logWeights, groups: 1))
  }
}

extension BoundFamily where Self == PartiallyImportanceWeightedBound {
  /// Fewer importance weights for the encoder than for the rest.
  public static var partiallyImportanceWeighted: Self { Self() }
}
