import Foundation
import LatentDatasets
import LatentDiagnostics
import LatentEvaluation

/// Where the rate of a model goes, in nats per example: rate = mutual information + total correlation + what each latent by itself
/// is away from the prior (Chen et al. 2018, equation 2).
public struct BoundDecomposition: Hashable, Sendable {
  /// I_q(x; z): what a code tells about which of the examples it belongs to; at most the logarithm of their number.
  public var mutualInformation: MonteCarloEstimate
  /// KL(q(z) || product of q(z_j)): how far the latents are from independent.
  public var totalCorrelation: MonteCarloEstimate
  /// Sum over the latents of KL(q(z_j) || p(z_j)); `nil` where the prior does not factorise.
  public var dimensionWise: Double?
  /// How many examples q(z) is the average of.
  public var examples: Int
}

extension Evaluator {
  /// The parts of the rate, for a model whose posterior is a diagonal Normal.
  ///
  /// - Throws: `LatentError` for another posterior.
  public func decomposition(_ examples: Examples) throws -> BoundDecomposition {
    let aggregate = try AggregatePosterior(posteriors(examples))
    let information = aggregate.information(seed: seed).mutualInformation
    let correlation = aggregate.totalCorrelation(seed: seed)
    // The rate is the model's own, from its own prior, and so is what is left of it.
    let rates = try latentRates(examples)?.first
    let dimensionWise = rates.map { $0.reduce(0, +) - information.value - correlation.value }
    return BoundDecomposition(
      mutualInformation: information, totalCorrelation: correlation, dimensionWise: dimensionWise,
      examples: aggregate.count)
  }

  /// How near reconstructions are to their pictures, by one code each: the posterior's mean; `nil` for examples that are no
  /// pictures of one or three channels, or have missing values.
  public func reconstructionQuality(_ examples: Examples) throws -> PictureQuality? {
    let shape = examples.shape
    guard shape.count == 3, [1, 3].contains(shape[2]), !examples.hasMissing, trained.model.specification.hasLatents
    else { return nil }
    var originals = [Float](repeating: 0, count: examples.count * examples.dimensions)
    try originals.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    return PictureQuality(originals, try Generator(trained).reconstruct(examples), shape: shape)
  }
}
