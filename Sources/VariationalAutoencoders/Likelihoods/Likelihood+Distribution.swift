import Distributions
import Foundation
import Layers
import TensorGraph

extension Likelihood {
  /// The learned variance that belongs to no network.
  func makeVariables() -> [Variable] {
    guard kind == .normal else { return [] }
    switch variance {
    case .fixed, .perDimension: return []
    case .scalar: return [Variable("likelihood/logVariance", shape: [1], initializer: .constant(logVariance))]
    case .optimal:
      return [Variable("likelihood/logVariance", shape: [1], initializer: .constant(logVariance), isTrainable: false)]
    }
  }

  /// The logarithm of the square of the standard deviation.
  private var logVariance: Double { 2 * Foundation.log(standardDeviation) }

  /// The distribution of examples [..., D].
  ///
  /// - Parameters:
  ///   - outputs: the decoder's, [N, ...], `parametersPerPixel` numbers for each pixel.
  ///   - leading: the dimensions that N stands for.
  ///   - variables: those made above.
  ///   - observed: which values of the examples are there, [B, D]; `nil` if all are.
  func distribution(
    _ outputs: Tensor, leading: [Int], pixels: Int, channels: Int, _ variables: [Variable], mode: Mode,
    observed: Tensor? = nil
  ) -> any Distribution {
    let graph = outputs.graph
    let dimensions = pixels * channels
    /// One number for each dimension, some times over.
    func parts(_ count: Int) -> [Tensor] {
      outputs.split(count, dimension: -1).map { $0.reshape(leading + [dimensions]) }
    }
    switch kind {
    case .bernoulli: return Bernoulli(logits: parts(1)[0])
    case .continuousBernoulli: return ContinuousBernoulli(logits: parts(1)[0])
    case .normal:
      let parts = parts(variance == .perDimension ? 2 : 1)
      let mean = meanActivation(parts[0])
      switch variance {
      case .fixed: return DiagonalNormal(mean: mean, logVariance: graph.constant([logVariance], shape: [1]))
      case .scalar: return DiagonalNormal(mean: mean, logVariance: graph.read(variables[0]).smoothlyBounded())
      case .perDimension: return DiagonalNormal(mean: mean, logVariance: parts[1].smoothlyBounded())
      case .optimal: return OptimalNormal(mean: mean, running: variables[0], mode: mode, observed: observed)
      }
    case .laplace:
      let parts = parts(2)
      return Laplace(mean: meanActivation(parts[0]), logScale: parts[1].smoothlyBounded())
    case .categorical:
      return Categorical(
        logits: outputs.reshape(leading + [dimensions, levels]), step: levelKind == .grey ? 1 / Double(levels - 1) : 1)
    case .discretizedLogistic:
      let parts = parts(2)
      return DiscretizedLogistic(mean: parts[0].logistic(), logScale: parts[1].smoothlyBounded(), levels: levels)
    case .discretizedLogisticMixture:
      return DiscretizedLogisticMixture(
        parameters: outputs.reshape(leading + [pixels * mixtureParameters(channels: channels)]), pixels: pixels,
        channels: channels, components: components, levels: levels)
    case .poisson: return Poisson(logRate: parts(1)[0].smoothlyBounded())
    case .negativeBinomial:
      let parts = parts(2)
      return NegativeBinomial(logMean: parts[0].smoothlyBounded(), logDispersion: parts[1].smoothlyBounded())
    case .zeroInflatedNegativeBinomial:
      let parts = parts(3)
      return ZeroInflatedNegativeBinomial(
        logMean: parts[0].smoothlyBounded(), logDispersion: parts[1].smoothlyBounded(), gateLogits: parts[2])
    }
  }

  /// How many numbers describe a pixel of a mixture.
  func mixtureParameters(channels: Int) -> Int {
    DiscretizedLogisticMixture.parametersPerPixel(channels: channels, components: components)
  }

  /// The bias of a dense decoder's output under which an untrained decoder gives the data's mean, or `nil` where that is
  /// no matter of a bias for each dimension.
  func outputBias(for mean: [Float]) -> [Double]? {
    func logit(_ value: Float) -> Double {
      let probability = min(0.999, max(0.001, Double(value)))
      return Foundation.log(probability / (1 - probability))
    }
    let first: [Double]
    switch kind {
    case .bernoulli, .continuousBernoulli, .discretizedLogistic: first = mean.map(logit)
    case .normal, .laplace: first = meanActivation == .logistic ? mean.map(logit) : mean.map(Double.init)
    case .poisson, .negativeBinomial, .zeroInflatedNegativeBinomial:
      first = mean.map { Foundation.log(max(1e-3, Double($0))) }
    case .categorical, .discretizedLogisticMixture: return nil
    }
    let copies = parametersPerPixel(channels: 1)
    return first + [Double](repeating: 0, count: mean.count * (copies - 1))
  }
}
