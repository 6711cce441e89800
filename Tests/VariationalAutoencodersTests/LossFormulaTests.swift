import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// What each objective minimises, against its formula in doubles on the same draws.
@Suite(.serialized) struct LossFormulaTests {
  /// A batch's draws and their densities, as the formulas take them.
  private struct Parts {
    /// [draw][example], in nats.
    var logLikelihood: [[Double]], logPrior: [[Double]], logPosterior: [[Double]]
    /// [example][latent].
    var elementRates: [[Double]], means: [[Double]], firstDraw: [[Double]]
    /// What an addition is estimated at, if a test asks for it.
    var addition: Double

    /// The mean over the examples.
    var distortion: Double { -logLikelihood.joined().mean }
    var rate: Double { elementRates.map { $0.reduce(0, +) }.mean }

    /// log p(x|z) + beta (log p(z) - log q(z|x)).
    func logWeights(beta: Double = 1) -> [[Double]] {
      logLikelihood.indices.map { draw in
        logLikelihood[draw].indices.map {
          logLikelihood[draw][$0] + beta * (logPrior[draw][$0] - logPosterior[draw][$0])
        }
      }
    }

    /// The mean over groups of consecutive draws and over examples of log mean_k w.
    func importanceWeighted(groups: Int) -> Double {
      let weights = logWeights()
      let count = weights.count / groups
      return (0..<groups).flatMap { group in
        weights[0].indices.map { example in
          log((0..<count).reduce(0) { $0 + exp(weights[group * count + $1][example]) } / Double(count))
        }
      }.mean
    }
  }

  private static let count = 6
  private let model = Model(smallModel(latents: 2, hidden: [5]), exampleShape: [8, 8, 1])

  private func examples(in graph: Graph) throws -> Tensor {
    var values = [Float](repeating: 0, count: Self.count * 64)
    try values.withUnsafeMutableBufferPointer { try smallImages(Self.count).copyRange(0..<Self.count, into: $0) }
    return graph.constant(values.map(Double.init), shape: [Self.count, 8, 8, 1])
  }

  /// Random weights, and posteriors that are far enough from the prior for their rates to matter.
  private func makeStore() throws -> VariableStore {
    let store = VariableStore(seed: 3)
    let bias = try #require(model.variables.first { $0.name == "encoder/posterior/bias" })
    try store.set(bias, to: HostTensor([1, -0.4, -1, 0.5], shape: [4]))
    return store
  }

  private func run(_ graph: Graph, _ outputs: [Tensor]) throws -> [HostTensor] {
    try CPUBackend().compile(Program(graph: graph, outputs: outputs, assignments: []), state: makeStore())
      .run([], random: RandomState(seed: 5))
  }

  /// The losses of an objective, the last of which is reported with the opposite sign.
  private func losses(_ objective: Objective) throws -> [Double] {
    let graph = Graph()
    let loss = objective.loss(
      model, ExampleBatch(examples: try examples(in: graph)), objective.makeVariables(model.specification),
      ObjectiveSchedule(objective, in: graph), examples: 100)
    let values = try run(graph, loss.losses.map(\.loss) + [loss.objective]).map { $0.doubles[0] }
    #expect(values[values.count - 1] == -values[values.count - 2])
    return Array(values.dropLast())
  }

  /// The parts from the same random numbers: they depend on the scope and on how many were drawn before.
  private func parts(
    samples: Int = 1, corruption: Corruption = Corruption(), addition: (LatentDraw, Graph) -> Tensor? = { _, _ in nil }
  ) throws -> Parts {
    let graph = Graph()
    let x = try examples(in: graph)
    let outputs = graph.scope("objective") { () -> [Tensor] in
      let input = corruption.kind == .none ? nil : corruption(x, level: graph.constant(corruption.level.value))
      let draw = model.draw(x, input: input, samples: samples, mode: .training)
      let likelihood = model.logLikelihood(x, draw.z, mode: .training)
      let posterior = draw.posterior as? DiagonalNormal
      return [
        likelihood, draw.logPrior, draw.logPosterior, draw.layers[0].elementRates(.closedForm) ?? likelihood,
        posterior?.mean ?? likelihood, draw.z.slice(0, 0..<1).reshape([Self.count, 2]),
        addition(draw, graph) ?? graph.constant(0),
      ]
    }
    let values = try run(graph, outputs).map { tensor -> [[Double]] in
      let width = tensor.shape.rank == 2 ? tensor.shape[1] : 1
      return stride(from: 0, to: tensor.doubles.count, by: width).map { Array(tensor.doubles[$0..<($0 + width)]) }
    }
    return Parts(
      logLikelihood: values[0], logPrior: values[1], logPosterior: values[2], elementRates: values[3],
      means: values[4], firstDraw: values[5], addition: values[6][0][0])
  }

  private func expectEqual(_ left: Double, _ right: Double) {
    #expect(abs(left - right) < 1e-5 * max(1, abs(right)), "\(left) is not \(right)")
  }

  @Test func theBoundIsDistortionAndBetaTimesTheRate() throws {
    let parts = try parts(samples: 2)
    try #require(parts.rate > 0.05)
    expectEqual(try losses(.elbo(samples: 2))[0], parts.distortion + parts.rate)
    expectEqual(try losses(.elbo(samples: 2, beta: 3))[0], parts.distortion + 3 * parts.rate)
    let sampled = parts.logPosterior.joined().mean - parts.logPrior.joined().mean
    try #require(abs(sampled - parts.rate) > 0.01)
    expectEqual(
      try losses(.elbo(estimator: .monteCarlo, samples: 2, beta: 0.5))[0], parts.distortion + 0.5 * sampled)
    expectEqual(try losses(.reconstruction)[0], try self.parts().distortion)
  }

  @Test func capacityCostsTheDistanceFromIt() throws {
    let parts = try parts()
    for nats in [0.5 * parts.rate, 4 * parts.rate] {
      let objective = Objective.elbo(beta: 7).with {
        $0.capacity.weight = 2
        $0.capacity.nats = .constant(nats)
      }
      expectEqual(try losses(objective)[0], parts.distortion + 2 * abs(parts.rate - nats))
    }
  }

  @Test func freeBitsAreTakenFromTheRateAndThenWeighted() throws {
    let parts = try parts()
    let means = (0..<2).map { latent in parts.elementRates.map { $0[latent] }.mean }
    // One dimension is below the allowance, the other above it.
    let nats = (means[0] + means[1]) / 2
    try #require(abs(means[0] - means[1]) > 0.01)
    func objective(_ scope: FreeBits.Scope, _ nats: Double) -> Objective {
      .elbo(beta: 3).with {
        $0.freeBits.nats = .constant(nats)
        $0.freeBits.scope = scope
      }
    }
    expectEqual(
      try losses(objective(.dimension, nats))[0], parts.distortion + 3 * means.reduce(0) { $0 + max($1, nats) })
    expectEqual(try losses(objective(.group, 5))[0], parts.distortion + 3 * 5)
  }

  @Test func importanceWeightedBoundsAreMeansOfLogarithmsOfMeans() throws {
    let parts = try parts(samples: 6)
    let (three, six, one) = (
      parts.importanceWeighted(groups: 2), parts.importanceWeighted(groups: 1), parts.importanceWeighted(groups: 6)
    )
    try #require(one < three - 0.01 && three < six - 0.01)
    func objective(_ bound: some BoundFamily, samples: Int, _ importanceSamples: Int) -> Objective {
      Objective(bound, estimator: .monteCarlo, samples: samples, importanceSamples: importanceSamples)
    }
    expectEqual(try losses(objective(.importanceWeighted, samples: 2, 3))[0], -three)
    expectEqual(try losses(objective(.importanceWeighted, samples: 1, 6))[0], -six)
    // The encoder sees groups, the decoder all draws.
    let partial = objective(.partiallyImportanceWeighted, samples: 2, 3)
    let split = try losses(partial)
    expectEqual(split[0], -three)
    expectEqual(split[1], -six)
    let combined = objective(.combinedImportanceWeighted(0.3), samples: 1, 6)
    expectEqual(try losses(combined)[0], -(0.3 * one + 0.7 * six))
    expectEqual(try losses(objective(.renyi(0), samples: 2, 3))[0], -three)
    // Li & Turner 2016, equation 9, at alpha = 0.5.
    let roots = parts.logWeights(beta: 1).map { $0.map { exp(0.5 * $0) } }
    let renyi = (0..<roots[0].count).map { example in 2 * log(roots.map { $0[example] }.mean) }.mean
    try #require(renyi < six - 0.01 && renyi > one + 0.01)
    expectEqual(try losses(objective(.renyi(0.5), samples: 1, 6))[0], -renyi)
  }

  @Test(arguments: [Objective.Gradient.doublyReparameterized, .scoreFunction])
  func otherGradientsReportTheSameBound(_ gradient: Objective.Gradient) throws {
    let parts = try parts()
    let values = try losses(
      Objective(.evidenceLowerBound, estimator: .monteCarlo, gradient: gradient, beta: 0.5))
    #expect(values.count == 2)
    expectEqual(values[1], -parts.logWeights(beta: 0.5).joined().mean)
  }

  @Test func normsAreAddedWithTheirWeights() throws {
    let parts = try parts()
    let plain = try losses(.reconstruction)[0]
    let squares = parts.firstDraw.map { $0.reduce(0) { $0 + $1 * $1 } }.mean
    expectEqual(
      try losses(Objective.reconstruction.with { $0.regularization.latentNorm = 0.4 })[0], plain + 0.4 * squares / 2)
    let store = try makeStore()
    let weights = try model.decoderVariables.flatMap { try store.value(of: $0).doubles }.reduce(0) { $0 + $1 * $1 }
    try #require(weights > 1)
    expectEqual(
      try losses(Objective.reconstruction.with { $0.regularization.decoderNorm = 0.4 })[0], plain + 0.4 * weights)
  }

  /// Of a linear decoder the Jacobian is its kernel, whatever the latents.
  @Test func theGradientPenaltyIsTheSquaredNormOfTheJacobian() throws {
    let linear = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: []),
      decoder: .mlp(hidden: [], likelihood: .normal()))
    let model = Model(linear, exampleShape: [8, 8, 1])
    let store = VariableStore(seed: 3)
    // Both on the same draws, so that their difference is what the penalty adds.
    let executables = try [0.1, 0].map { weight in
      let objective = Objective.reconstruction.with { $0.regularization.gradientPenalty = .constant(weight) }
      let graph = Graph()
      let loss = objective.loss(
        model, ExampleBatch(examples: try examples(in: graph)), objective.makeVariables(linear),
        ObjectiveSchedule(objective, in: graph), examples: 100)
      return try CPUBackend().compile(Program(graph: graph, outputs: [loss.losses[0].loss]), state: store)
    }
    let kernel = try #require(model.decoderVariables.first { $0.shape.rank == 2 })
    let exact = 0.1 * (try store.value(of: kernel).doubles.reduce(0) { $0 + $1 * $1 })
    let values = try (0..<2000).map { step -> Double in
      let outputs = try executables.map {
        try $0.run([], random: RandomState(seed: 2, step: UInt64(step)))[0].doubles[0]
      }
      return outputs[0] - outputs[1]
    }
    let error = (values.reduce(0) { $0 + ($1 - values.mean) * ($1 - values.mean) } / 2000 / 2000).squareRoot()
    try #require(error < 0.05 * exact)
    #expect(abs(values.mean - exact) < 5 * error)
  }

  @Test func theCovariancePenaltyIsAddedWithItsWeights() throws {
    let parts = try parts()
    let centre = (0..<2).map { latent in parts.means.map { $0[latent] }.mean }
    func covariance(_ i: Int, _ j: Int) -> Double {
      parts.means.map { ($0[i] - centre[i]) * ($0[j] - centre[j]) }.mean
    }
    let objective = Objective.elbo().with {
      $0.covariance.offDiagonal = 2
      $0.covariance.diagonal = 3
    }
    let penalty =
      2 * 2 * pow(covariance(0, 1), 2) + 3 * (pow(covariance(0, 0) - 1, 2) + pow(covariance(1, 1) - 1, 2))
    expectEqual(try losses(objective)[0], parts.distortion + parts.rate + penalty)
  }

  @Test func estimatesFromTheDrawsAreAddedWithTheirWeights() throws {
    let plain = try losses(.elbo())[0]
    let discrepancy = try parts { draw, graph in
      Discrepancy().estimate(draw.z.reshape([Self.count, 2]), model.generate(Self.count, in: graph))
    }.addition
    try #require(abs(discrepancy) > 0.01)
    expectEqual(try losses(Objective.elbo().with { $0.discrepancy.weight = 2 })[0], plain + 2 * discrepancy)
    let correlation = try parts { draw, _ in
      (draw.posterior as? DiagonalNormal).map {
        TotalCorrelation().sampled($0, draw.z.reshape([Self.count, 2]), examples: 100)
      }
    }.addition
    try #require(abs(correlation) > 0.01)
    expectEqual(try losses(Objective.elbo().with { $0.totalCorrelation.weight = 2 })[0], plain + 2 * correlation)
  }

  /// What is damaged is what the encoder sees; the likelihood is that of the examples as they are.
  @Test func theLikelihoodSeesExamplesWithoutTheirCorruption() throws {
    var corruption = Corruption()
    corruption.kind = .mask
    corruption.level = 0.5
    let damaged = try parts(corruption: corruption)
    expectEqual(
      try losses(Objective.elbo().with { $0.corruption = corruption })[0], damaged.distortion + damaged.rate)
    #expect(try abs(damaged.rate - parts().rate) > 0.01)
  }

  /// Missing values have no density: not that of the zeros in their place.
  @Test func theLikelihoodIsThatOfTheObservedValuesAlone() throws {
    var specification = model.specification
    specification.missingValues = true
    let model = Model(specification, exampleShape: [8, 8, 1])
    let graph = Graph()
    let x = try examples(in: graph)
    let holes = (0..<(Self.count * 64)).map { $0 % 5 == 0 || $0 % 7 == 0 }
    let hole = graph.constant(holes.map { $0 ? 1 : 0 }, shape: x.shape).compare(.greater, 0)
    let z = graph.random(.normal, shape: [2, Self.count, 2])
    let likelihood = try #require(model.likelihood(z, mode: .training) as? any FactorizedDistribution)
    let values = try run(
      graph,
      [
        model.logLikelihood(hole.select(x.scalar(.nan), x), z, mode: .training),
        likelihood.elementLogProbability(x.reshape([Self.count, 64])),
      ]
    ).map(\.doubles)
    let observed = (0..<(2 * Self.count)).map { row in
      (0..<64).reduce(0) { holes[row % Self.count * 64 + $1] ? $0 : $0 + values[1][row * 64 + $1] }
    }
    #expect(largestDifference(values[0], observed) < 1e-5)
  }
}

extension [Double] {
  fileprivate var mean: Double { reduce(0, +) / Double(count) }
}

extension FlattenSequence<[[Double]]> {
  fileprivate var mean: Double { Array(self).mean }
}
