import Foundation
import Latent

extension DistributionCase {
  /// Decoders' distributions, ordinary and extreme.
  static let all: [DistributionCase] =
    continuous + choices + logistics + mixtures + poissons + negativeBinomials + zeroInflated

  private static func vector(_ values: Double...) -> Parameter { Parameter(shape: [values.count], values: values) }

  /// 0, 1, ..., up to a limit.
  private static func counts(_ range: ClosedRange<Int>) -> Support { .values(range.map { [Double($0)] }) }

  /// k / (levels - 1).
  private static func levels(_ count: Int) -> [Double] { (0..<count).map { Double($0) / Double(count - 1) } }

  private static let continuous: [DistributionCase] =
    [-30.0, -3, -0.999, -0.19, -1e-4, 1e-3, 0.21, 1.001, 4, 30].map { logit in
      DistributionCase("continuous Bernoulli, logit \(logit)", [vector(logit)], .interval(0...1, cells: 6000)) {
        ContinuousBernoulli(logits: $0[0])
      }
    }
    + [(0.0, 0.0), (1.5, -5), (-4, 3)].map { (mean: Double, logScale: Double) in
      let reach = 20 * exp(logScale)
      return DistributionCase(
        "Laplace, mean \(mean), log-scale \(logScale)", [vector(mean), vector(logScale)],
        .interval((mean - reach)...(mean + reach), cells: 8001)
      ) { Laplace(mean: $0[0], logScale: $0[1]) }
    }
    + [(0.0, -1.0), (1.5, -2), (-1.2, -0.5)].map { (location: Double, logScale: Double) in
      DistributionCase(
        "logit-Laplace, location \(location), log-scale \(logScale)", [vector(location), vector(logScale)],
        // Logarithms near the ends of the support lose some of float32's digits.
        .interval(-0.125...1.125, cells: 8001), tolerance: 1e-5, hasExactMean: false
      ) { LogitLaplace(location: $0[0], logScale: $0[1]) }
    }

  private static let choices: [DistributionCase] = [
    ("tokens", [0.3, -1, 2, 0], 1.0), ("two values", [-0.4, 1], 1), ("grey levels", [3, 0, -2, 1, 0.5, 0.1], 0.2),
    ("all but certain", [30, -30, 5, -5], 1),
  ].map { (name: String, logits: [Double], step: Double) in
    DistributionCase(
      "categorical, \(name)", [Parameter(shape: [1, logits.count], values: logits)],
      .values(logits.indices.map { [Double($0) * step] })
    ) { Categorical(logits: $0[0], step: step) }
  }

  private static let logistics: [DistributionCase] = [
    (256, 0.5, -3.5, true), (256, 0.31, -6.9, true), (256, 0.02, -2, false), (256, 1.4, -1, false), (256, 0.5, 4, true),
    (16, 0.37, -7.3, false), (2, 0.5, -1, true), (256, -2, -5, false), (256, 0.9, 30, false),
  ].map { (levels: Int, mean: Double, logScale: Double, hasExactMean: Bool) in
    DistributionCase(
      "\(levels) levels, logistic, mean \(mean), log-scale \(logScale)", [vector(mean), vector(logScale)],
      .values(Self.levels(levels).map { [$0] }),
      hasExactMean: hasExactMean
    ) { DiscretizedLogistic(mean: $0[0], logScale: $0[1], levels: levels) }
  }

  private static let mixtures: [DistributionCase] =
    [
      // Components well inside, and broad enough for rounding to leave their means alone.
      ("grey mixture", [0.4, -0.3, 0.1, -0.4, 0.35, 0, -3.2, -3.6, -4], 256, true),
      ("grey mixture at the edges", [0.4, -0.3, 0.1, -1.2, 1, 0, -1, -2, 1], 256, false),
      ("grey mixture, narrow", [1, 2, -1, -0.83, 0.35, 0, -6.9, -6, -5], 256, false),
    ].map { (name: String, parameters: [Double], levels: Int, hasExactMean: Bool) in
      DistributionCase(
        name, [Parameter(shape: [9], values: parameters)], .values(Self.levels(levels).map { [$0] }),
        hasExactMean: hasExactMean
      ) { DiscretizedLogisticMixture(parameters: $0[0], pixels: 1, channels: 1, components: 3, levels: levels) }
    }
    + [
      ("colour mixture", [-2.0, -1.5, -1, -1.8, -1.2, -1.4], 5, false),
      ("colour mixture, inside", [-4, -3.5, -3.8, -3.6, -3.7, -3.9], 65, true),
    ].map { (name: String, logScales: [Double], levels: Int, hasExactMean: Bool) in
      let means = [0.2, -0.1, -0.15, 0.1, 0.05, -0.2]
      let values = Self.levels(levels)
      // All colours of few levels; of many, those with a probability worth mentioning.
      let near = values.filter { levels < 10 || abs(2 * $0 - 1) < 0.75 }
      let colours = near.flatMap { r in near.flatMap { g in near.map { [r, g, $0] } } }
      return DistributionCase(
        name, [Parameter(shape: [20], values: [0.3, -0.5] + means + logScales + [0.5, -0.7, 1, 0.2, -0.4, 0.6])],
        .values(colours), hasExactMean: hasExactMean
      ) { DiscretizedLogisticMixture(parameters: $0[0], pixels: 1, channels: 3, components: 2, levels: levels) }
    }

  private static let poissons: [DistributionCase] = [
    (-5.0, 0...10), (-0.4, 0...30), (log(9.99), 0...60), (log(10.01), 0...60), (log(50), 0...150), (8, 2500...3500),
    (log(1e5), 97_500...102_500),
  ].map { (logRate: Double, support: ClosedRange<Int>) in
    DistributionCase(
      "Poisson, log-rate \(logRate)", [vector(logRate)], counts(support), tolerance: countTolerance(support)
    ) { Poisson(logRate: $0[0]) }
  }

  private static let negativeBinomials: [DistributionCase] = [
    (0.0, 0.0, 0...120), (3.9, -0.7, 0...2500), (0, -4, 0...2500), (2.5, 12, 0...80), (5, 3, 0...600), (5, 30, 0...350),
    (-5, 1, 0...20), (9, 9, 6000...10_500),
  ].map { (logMean: Double, logDispersion: Double, support: ClosedRange<Int>) in
    DistributionCase(
      "negative binomial, log-mean \(logMean), log-dispersion \(logDispersion)",
      [vector(logMean), vector(logDispersion)], counts(support), tolerance: countTolerance(support)
    ) { NegativeBinomial(logMean: $0[0], logDispersion: $0[1]) }
  }

  private static let zeroInflated: [DistributionCase] = [
    (1.0, 0.0, -1.0, 0...300), (3, 2, 2, 0...250), (-1, 0.5, 0.3, 0...60), (2, 4, -20, 0...100), (2, 4, 20, 0...100),
  ].map { (logMean: Double, logDispersion: Double, gate: Double, support: ClosedRange<Int>) in
    DistributionCase(
      "zero-inflated negative binomial, log-mean \(logMean), log-dispersion \(logDispersion), gate \(gate)",
      [vector(logMean), vector(logDispersion), vector(gate)], counts(support), tolerance: countTolerance(support)
    ) { ZeroInflatedNegativeBinomial(logMean: $0[0], logDispersion: $0[1], gateLogits: $0[2]) }
  }

  /// At a distance d from a rate l the log-density is about -d^2 / 2l, and its error d times that of two logarithms, at
  /// worst half a unit in the last place each, 5e-7 from 8 on. Relative to what is above 1 that is worst at d = sqrt(2l).
  private static func countTolerance(_ support: ClosedRange<Int>) -> Double {
    max(2e-6, 1.5e-6 * Double(support.upperBound).squareRoot())
  }
}
