import LatentDiagnostics
import LatentDistributions
import Foundation
import LatentLayers
import LatentTensorGraph

/// Independent Normals, for real numbers; the mean comes from the decoder, the variance as a setting says.
public struct NormalLikelihood: LikelihoodFamily {
  /// Where the variance comes from.
  public enum Variance: String, Codable, Hashable, Sendable, CaseIterable {
    /// The given standard deviation, which makes the distortion a squared error.
    case fixed
    /// One learned number for all dimensions and examples.
    case scalar
    /// The decoder gives one for each dimension (Kingma & Welling 2013, appendix C.2).
    case perDimension
    /// The mean squared error of the batch, which is the best there is (sigma-VAE, Rybkin et al. 2021).
    case optimal
  }

  /// Its name, and what it is.
  public static let name = FamilyName("normal", "independent Normals, for real numbers")
  /// What may be relied on.
  public var traits: LikelihoodTraits {
    variance == .optimal
      ? [.independentDimensions, .density, .coupledExamples] : [.independentDimensions, .density]
  }

  /// Where the variance comes from.
  public var variance = Variance.fixed
  /// The fixed standard deviation, or the first of a learned one.
  public var standardDeviation = 1.0
  /// What the mean is passed through: logistic for data in [0, 1], identity for any numbers.
  public var meanActivation = Activation.identity

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1 for a logistic mean.
  public var range: (least: Double?, greatest: Double?) { meanActivation == .logistic ? (0, 1) : (nil, nil) }

  /// Refuses standard deviations out of all proportion, and activations that a mean is not passed through.
  public func validate(exampleShape: [Int]) throws {
    guard standardDeviation.isFinite, (1e-4...1e4).contains(standardDeviation) else {
      throw LatentError.usage(
        "A likelihood cannot have the standard deviation \(standardDeviation)",
        remedy: "Set model.decoder.likelihood.standardDeviation from 0.0001 to 10000")
    }
    try meanActivation.requireMeanActivation()
  }

  /// Refuses data that a logistic mean cannot have, and warns of zeros and ones.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    if meanActivation == .logistic { try data.requireUnitIntervalOfMean("Normal") }
    return data.warningOfBinaryData("Normal")
  }

  /// A mean for each channel, and a log-variance if the decoder gives one.
  public func parametersPerPixel(channels: Int) -> Int { channels * (variance == .perDimension ? 2 : 1) }

  /// The mean, before its activation.
  public func outputBias(for mean: [Float]) -> [Double]? { outputBias(meanActivation.inverse(of: mean)) }

  /// Makes the learned variance, if there is one.
  public func make(at site: LikelihoodSite) -> any LikelihoodModule {
    let logVariance = 2 * Foundation.log(standardDeviation)
    func variable(isTrainable: Bool) -> Variable {
      Variable(
        "likelihood/logVariance", shape: [1], initializer: .constant(logVariance), isTrainable: isTrainable)
    }
    let source: Module.Source =
      switch variance {
      case .fixed: .fixed(logVariance)
      case .scalar: .scalar(variable(isTrainable: true))
      case .perDimension: .outputs
      case .optimal: .optimal(running: variable(isTrainable: false))
      }
    return Module(source: source, meanActivation: meanActivation)
  }

  private struct Module: LikelihoodModule {
    enum Source {
      case fixed(Double), scalar(Variable), outputs, optimal(running: Variable)
    }

    let source: Source
    let meanActivation: Activation

    var variables: [Variable] {
      switch source {
      case .fixed, .outputs: []
      case .scalar(let variable), .optimal(let variable): [variable]
      }
    }

    func distribution(_ outputs: DecoderOutputs) -> any Distribution {
      let graph = outputs.tensor.graph
      func mean() -> Tensor { meanActivation(outputs.parameter) }
      switch source {
      case .fixed(let logVariance):
        return DiagonalNormal(mean: mean(), logVariance: graph.constant([logVariance], shape: [1]))
      case .scalar(let variable):
        return DiagonalNormal(mean: mean(), logVariance: graph.read(variable).smoothlyBounded())
      case .outputs:
        let parts = outputs.parameters(2)
        return DiagonalNormal(mean: meanActivation(parts[0]), logVariance: parts[1].smoothlyBounded())
      case .optimal(let running):
        return OptimalNormal(mean: mean(), running: running, mode: outputs.mode, observed: outputs.observed)
      }
    }
  }
}

extension LikelihoodFamily where Self == NormalLikelihood {
  /// An independent Normal for each dimension, for real numbers.
  public static func normal(
    variance: NormalLikelihood.Variance = .fixed, standardDeviation: Double = 1, meanActivation: Activation = .identity
  ) -> Self {
    var likelihood = NormalLikelihood()
    likelihood.variance = variance
    likelihood.standardDeviation = standardDeviation
    likelihood.meanActivation = meanActivation
    return likelihood
  }
}

extension Activation {
  /// Refuses an activation that a mean is not passed through.
  func requireMeanActivation() throws {
    guard self == .identity || self == .logistic else {
      throw LatentError.usage(
        "A likelihood's mean cannot be passed through \(rawValue)",
        remedy: "Set model.decoder.likelihood.meanActivation to identity or logistic")
    }
  }

  /// What the activation, identity or logistic, makes a mean of.
  func inverse(of mean: [Float]) -> [Double] { self == .logistic ? mean.map(boundedLogit) : mean.map(Double.init) }
}
