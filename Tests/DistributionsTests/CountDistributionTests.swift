import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentDistributions

/// Laws of the distributions of counts: their known forms, their limits, and their samplers' parts.
@Suite(.serialized) struct CountDistributionTests {
  private func run(
    _ backend: any Backend = CPUBackend(), _ type: ElementType = .float32, seed: UInt64 = 3,
    _ build: (Graph) -> [Tensor]
  ) throws -> [[Double]] {
    let graph = Graph()
    let executable = try backend.compile(
      Program(graph: graph, outputs: build(graph)), state: VariableStore(seed: 0))
    return try executable.run([], random: RandomState(seed: seed)).map(\.doubles)
  }

  private static let counts: [Double] = [0, 1, 2, 3, 8, 40, 700]

  @Test(arguments: [-30.0, -2, 0, 2, 7, 12])
  func thePoissonFormulaIsTheTextbooks(_ logRate: Double) throws {
    let values = try run(ReferenceBackend(), .float64) { graph in
      let x = graph.constant(Self.counts, shape: [7, 1], type: .float64)
      return [Poisson(logRate: graph.constant([logRate], shape: [1], type: .float64)).logProbability(x)]
    }[0]
    let exact = Self.counts.map { $0 * logRate - exp(logRate) - lgamma($0 + 1) }
    #expect(largestDifference(values, exact) < 2e-8)
  }

  @Test(arguments: [(0.0, 0.0), (3, -3), (-2, 4), (5, 5), (4, -9)])
  func theNegativeBinomialFormulaIsTheTextbooks(_ logMean: Double, _ logDispersion: Double) throws {
    let values = try run(ReferenceBackend(), .float64) { graph in
      let x = graph.constant(Self.counts, shape: [7, 1], type: .float64)
      let parameters = [logMean, logDispersion].map { graph.constant([$0], shape: [1], type: .float64) }
      return [NegativeBinomial(logMean: parameters[0], logDispersion: parameters[1]).logProbability(x)]
    }[0]
    let (m, r) = (exp(logMean), exp(logDispersion))
    let exact = Self.counts.map { x in
      lgamma(x + r) - lgamma(r) - lgamma(x + 1) + r * log(r / (r + m)) + x * log(m / (r + m))
    }
    #expect(largestDifference(values, exact) < 5e-8)
  }

  @Test func theNegativeBinomialOfLargeDispersionParameterIsPoisson() throws {
    let values = try run { graph in
      let x = graph.constant([0, 1, 5, 30, 100], shape: [5, 1])
      let logMean = graph.constant([3.2], shape: [1])
      let limit = NegativeBinomial(logMean: logMean, logDispersion: graph.constant([28], shape: [1]))
      return [limit.logProbability(x), Poisson(logRate: logMean).logProbability(x)]
    }
    #expect(largestDifference(values[0], values[1]) < 1e-5)
  }

  @Test func anOpenGateLeavesTheCountsAlone() throws {
    let values = try run { graph in
      let x = graph.constant([0, 1, 5, 30], shape: [4, 1])
      let (logMean, logDispersion) = (graph.constant([1.2], shape: [1]), graph.constant([0.4], shape: [1]))
      let gated = ZeroInflatedNegativeBinomial(
        logMean: logMean, logDispersion: logDispersion, gateLogits: graph.constant([-40], shape: [1]))
      return [
        gated.logProbability(x), NegativeBinomial(logMean: logMean, logDispersion: logDispersion).logProbability(x),
      ]
    }
    #expect(largestDifference(values[0], values[1]) < 1e-6)
  }

  @Test func theGateDecidesWhereCountsAreNeverZero() throws {
    let values = try run { graph in
      let large = graph.constant([30], shape: [1])
      let gated = ZeroInflatedNegativeBinomial(
        logMean: large, logDispersion: large, gateLogits: graph.constant([0.5], shape: [1]))
      return [gated.logProbability(graph.constant([0], shape: [1]))]
    }
    #expect(abs(values[0][0] + log1p(exp(-0.5))) < 1e-6)
  }

  /// In float32 the terms of the textbook's formula are two million, and what they leave is wrong in the first place after
  /// the point.
  @Test func largeCountsKeepTheirDigits() throws {
    let rate = 150_000.0
    let counts = stride(from: rate - 2000, through: rate + 2000, by: 250).map { $0 }
    let logRate = Double(Float(log(rate)))
    let values = try run { graph in
      let x = graph.constant(counts, shape: [counts.count, 1])
      let logRate = graph.constant([logRate], shape: [1])
      return [
        Poisson(logRate: logRate).logProbability(x),
        NegativeBinomial(logMean: logRate, logDispersion: graph.constant([8], shape: [1])).logProbability(x),
      ]
    }
    let r = exp(8.0)
    let m = exp(logRate)
    for (place, x) in counts.enumerated() {
      // Half a unit in the last place of a logarithm of this size, times the slope, and three units of the result.
      let allowed = abs(x - rate) * 5e-7 + 4e-6
      #expect(abs(values[0][place] - (x * logRate - m - lgamma(x + 1))) < allowed)
      let exact = lgamma(x + r) - lgamma(r) - lgamma(x + 1) + r * log(r / (r + m)) + x * log(m / (r + m))
      #expect(abs(values[1][place] - exact) < allowed)
    }
  }

  @Test func manyMeansShareOneDispersion() throws {
    let values = try run { graph in
      let logMean = graph.constant([0, 1, 2, 3, 4, 5], shape: [3, 2])
      let shared = NegativeBinomial(logMean: logMean, logDispersion: graph.constant([0.5, -1], shape: [2]))
      let spelledOut = NegativeBinomial(
        logMean: logMean, logDispersion: graph.constant([0.5, -1, 0.5, -1, 0.5, -1], shape: [3, 2]))
      let x = graph.constant([0, 3, 1, 0, 9, 100], shape: [3, 2])
      #expect(shared.sample(count: 7).shape == [7, 3, 2] && shared.sample(count: nil).shape == [3, 2])
      return [shared.logProbability(x), spelledOut.logProbability(x)]
    }
    #expect(values[0].count == 3)
    #expect(largestDifference(values[0], values[1]) < 1e-6)
  }

  /// Where the gamma numbers are rare below 1, the mean of their logarithms tells shapes apart that their mean does not.
  @Test(arguments: [0.05, 0.5, 0.99, 1.01, 3, 40, 1e4])
  func gammaDrawsHaveTheMomentsOfTheirShape(_ parameter: Double) throws {
    let count = 100_000
    let logarithms = try run { graph in
      [graph.constant([log(parameter)], shape: [1]).broadcast(to: [count]).logGammaDraws()]
    }[0]
    let step = 1e-4 * parameter
    let meanLogarithm = (lgamma(parameter + step) - lgamma(parameter - step)) / (2 * step)
    let (mean, error) = GoodnessOfFit.meanAndError(logarithms)
    #expect(abs(mean - meanLogarithm) < 5 * error + 1e-6 * abs(meanLogarithm))
    let (level, levelError) = GoodnessOfFit.meanAndError(logarithms.map { exp($0) / parameter })
    #expect(abs(level - 1) < 5 * levelError + 2e-6)
    let (square, squareError) = GoodnessOfFit.meanAndError(
      logarithms.map { (exp($0) - parameter) * (exp($0) - parameter) / parameter })
    #expect(abs(square - 1) < 5 * squareError + 1e-4)
  }

  /// Two numbers for each rate: for huge rates the law is the Normal's to all digits that float32 has.
  @Test(arguments: [log(3e4), log(1e6), log(1e9)])
  func hugeRatesHaveTheirMeanAndVariance(_ logRate: Double) throws {
    let draws = try run { graph in
      [Poisson(logRate: graph.constant([logRate], shape: [1])).sample(count: 50_000)]
    }[0]
    let rate = exp(Double(Float(logRate)))
    let scaled = draws.map { ($0 - rate) / rate.squareRoot() }
    let (mean, error) = GoodnessOfFit.meanAndError(scaled)
    // A rate in float32 is off by a unit in the last place of its logarithm.
    #expect(abs(mean) < 5 * error + rate.squareRoot() * 2e-6)
    let (variance, varianceError) = GoodnessOfFit.meanAndError(scaled.map { $0 * $0 })
    #expect(abs(variance - 1) < 5 * varianceError + rate.squareRoot() * 4e-6)
  }

  @Test func theFirstAcceptedProposalIsTaken() throws {
    let values = try run { graph in
      let proposals = graph.constant([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], shape: [3, 4])
      let isAccepted = graph.constant([0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0], shape: [3, 4]).compare(.greater, 0)
      return [proposals.firstAccepted(isAccepted, otherwise: graph.constant([-1, -2, -3, -4], shape: [4]))]
    }[0]
    #expect(values == [5, 2, 11, -4])
  }

  @Test func drawsAreCountsWithoutGradient() throws {
    let graph = Graph()
    let parameters = (0..<3).map { graph.input("parameter\($0)", shape: [4]) }
    let samples: [Tensor] = [
      Poisson(logRate: parameters[0]).sample(count: 500),
      NegativeBinomial(logMean: parameters[0], logDispersion: parameters[1]).sample(count: 500),
      ZeroInflatedNegativeBinomial(
        logMean: parameters[0], logDispersion: parameters[1], gateLogits: parameters[2]
      ).sample(count: 500),
    ]
    let total = samples.reduce(graph.constant(0)) { $0 + $1.sum() }
    let outputs = samples + gradient(of: total, withRespectTo: parameters) + parameters.map { $0.stopGradient() }
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: outputs), state: VariableStore(seed: 0))
    let inputs = [[-3.0, 1, 3, 6], [-2, 0, 3, 8], [-1, 0, 1, 2]].map { HostTensor($0, shape: [4]) }
    let results = try executable.run(inputs).map(\.doubles)
    #expect(results[..<3].allSatisfy { $0.allSatisfy { $0 >= 0 && $0 == $0.rounded() } })
    #expect(results[..<3].allSatisfy { Set($0).count > 20 })
    #expect(results[3..<6].allSatisfy { $0 == [0, 0, 0, 0] })
  }
}
