import LatentDiagnostics

/// Which latents say something about an example: those whose posterior mean varies from example to example.
///
/// Source: Burda, Grosse, Salakhutdinov, "Importance Weighted Autoencoders" (2015), section 5.1.
public struct ActiveUnits: Sendable, Equatable, Codable {
  /// The threshold of Burda and others.
  public static let usualThreshold = 0.01

  /// The variance over the examples of each latent's posterior mean.
  public let variances: [Double]
  /// The variance above which a latent is active.
  public let threshold: Double
  /// Whether each latent is active.
  public var isActive: [Bool] { variances.map { $0 > threshold } }
  /// The number of active latents.
  public var count: Int { variances.count { $0 > threshold } }

  /// Measures posterior means.
  ///
  /// - Parameters:
  ///   - posteriorMeans: E_q(z|x) of each latent for each example.
  ///   - estimateVariances: For each latent the variance that its mean has of its own, averaged over the examples, where means
  ///     are estimated by draws. It is taken off, so that noise makes no latent active.
  ///   - threshold: The variance above which a latent is active.
  /// - Throws: A `LatentError` when there are fewer than two examples, or a mean is not a finite number.
  public init(
    posteriorMeans: CodeMatrix, estimateVariances: [Double]? = nil, threshold: Double = usualThreshold
  ) throws {
    guard posteriorMeans.count >= 2 else {
      throw LatentError.usage(
        "\(posteriorMeans.count) examples do not show how codes vary", remedy: "Give at least two examples")
    }
    try posteriorMeans.checkFinite()
    variances = posteriorMeans.columnVariances.enumerated().map { latent, variance in
      max(0, variance - (estimateVariances?[latent] ?? 0))
    }
    self.threshold = threshold
  }
}
