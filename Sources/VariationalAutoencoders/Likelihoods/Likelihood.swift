import Diagnostics
import Distributions
import Foundation
import Layers
import TensorGraph

/// p(x|z): what the decoder's outputs say about an example.
public struct Likelihood: Codable, Hashable, Sendable {
  /// The family of the distribution.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Coins, for data in [0, 1].
    case bernoulli
    /// Independent Normals, for real numbers.
    case normal
  }

  /// Where a Normal's variance comes from.
  public enum Variance: String, Codable, Hashable, Sendable, CaseIterable {
    /// The given standard deviation, which makes the distortion a squared error.
    case fixed
    /// One learned number for all dimensions and examples.
    case scalar
    /// The decoder gives one for each dimension (Kingma & Welling 2013, appendix C.2).
    case perDimension
  }

  /// The family of the distribution.
  public var kind: Kind
  /// Where a Normal's variance comes from.
  public var variance: Variance
  /// A Normal's standard deviation: the fixed one, or the first of a learned one.
  public var standardDeviation: Double
  /// What a Normal's mean is passed through: logistic for data in [0, 1], identity for any numbers.
  public var meanActivation: Activation

  /// Coins, for data in [0, 1].
  public static let bernoulli = Likelihood(
    kind: .bernoulli, variance: .fixed, standardDeviation: 1, meanActivation: .identity)

  /// Normals, for real numbers.
  public static func normal(
    variance: Variance = .fixed, standardDeviation: Double = 1, meanActivation: Activation = .identity
  ) -> Likelihood {
    Likelihood(
      kind: .normal, variance: variance, standardDeviation: standardDeviation, meanActivation: meanActivation)
  }

  /// How many numbers the decoder gives for each dimension of an example.
  var parametersPerDimension: Int { kind == .normal && variance == .perDimension ? 2 : 1 }

  /// The learned variance that belongs to no network.
  func makeVariables() -> [Variable] {
    guard kind == .normal, variance == .scalar else { return [] }
    return [Variable("likelihood/logVariance", shape: [1], initializer: .constant(logVariance))]
  }

  /// The logarithm of the square of the standard deviation.
  var logVariance: Double { 2 * Foundation.log(standardDeviation) }

  /// The distribution from the decoder's outputs, each [..., D], and the variables made above.
  func distribution(_ outputs: [Tensor], _ variables: [Variable]) -> any Distribution {
    let graph = outputs[0].graph
    switch kind {
    case .bernoulli: return Bernoulli(logits: outputs[0])
    case .normal:
      let mean = meanActivation(outputs[0])
      let logVariance =
        switch variance {
        case .fixed: graph.constant([self.logVariance], shape: [1])
        case .scalar: graph.read(variables[0]).smoothlyBounded()
        case .perDimension: outputs[1].smoothlyBounded()
        }
      return DiagonalNormal(mean: mean, logVariance: logVariance)
    }
  }

  /// The decoder's bias under which an untrained decoder gives the data's mean.
  func outputBias(for mean: [Float]) -> [Double] {
    let squashes = kind == .bernoulli || meanActivation == .logistic
    return mean.map { value in
      guard squashes else { return Double(value) }
      let probability = min(0.999, max(0.001, Double(value)))
      return Foundation.log(probability / (1 - probability))
    }
  }

  /// Checks that the data are of the kind the likelihood is about.
  ///
  /// - Parameters:
  ///   - range: the smallest and largest value in the data.
  ///   - isBinary: whether all values are 0 or 1.
  /// - Returns: a warning, if the combination is possible but seldom meant.
  /// - Throws: `LatentError` when the likelihood has no density for such data.
  public func check(range: ClosedRange<Float>, isBinary: Bool) throws -> String? {
    switch kind {
    case .bernoulli:
      guard range.lowerBound >= 0, range.upperBound <= 1 else {
        throw LatentError.usage(
          "A Bernoulli likelihood is about values from 0 to 1, but the data go from \(range.lowerBound) to "
            + "\(range.upperBound)",
          remedy: "Scale the data to [0, 1], or use a Normal likelihood: the preset vae-gaussian with "
            + "--set model.decoder.likelihood.meanActivation=identity")
      }
      return nil
    case .normal:
      if meanActivation == .logistic, range.lowerBound < 0 || range.upperBound > 1 {
        throw LatentError.usage(
          "The Normal likelihood's mean is confined to (0, 1), but the data go from \(range.lowerBound) to "
            + "\(range.upperBound)",
          remedy: "Use --set model.decoder.likelihood.meanActivation=identity, or scale the data to [0, 1]")
      }
      guard isBinary else { return nil }
      return "The data are zeros and ones, of which a Normal likelihood can claim any density. "
        + "A Bernoulli likelihood is meant for them (--binarize none keeps grey values)."
    }
  }
}
