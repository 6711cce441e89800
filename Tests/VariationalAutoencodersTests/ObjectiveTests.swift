import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// The parts of objectives against their definitions.
@Suite(.serialized) struct ObjectiveTests {
  private func run(_ seed: UInt64 = 1, _ build: (Graph) -> [Tensor]) throws -> [[Double]] {
    let graph = Graph()
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: build(graph)), state: VariableStore(seed: 0))
    return try executable.run([], random: RandomState(seed: seed)).map { $0.doubles }
  }

  @Test(arguments: [
    (ScheduledValue.constant(3), 7.0, 3.0), (.linear(from: 1, to: 5, epochs: 4), 0, 1),
    (.linear(from: 1, to: 5, epochs: 4), 1, 2), (.linear(from: 1, to: 5, epochs: 4), 9, 5),
    (.sigmoid(epochs: 10, steepness: 2), 5, 0.5), (.sigmoid(epochs: 10, steepness: 2), 6, 1 / (1 + exp(-2))),
    (.cyclical(epochs: 8, cycles: 4), 0.5, 0.5), (.cyclical(epochs: 8, cycles: 4), 1.5, 1),
    (.cyclical(epochs: 8, cycles: 4), 2.25, 0.25), (.cyclical(epochs: 8, cycles: 4), 8, 1),
    (.cyclical(epochs: 8, cycles: 2, ramp: 0.25), 1, 1),
  ])
  func schedulesFollowTheirFormulas(_ schedule: ScheduledValue, _ epochs: Double, _ expected: Double) {
    #expect(abs(schedule.value(after: epochs) - expected) < 1e-12)
  }

  @Test func aPlainNumberIsAConstantSchedule() throws {
    let configuration = try Preset.named("vae").configuration
    #expect(try configuration.setting("objective.beta", to: "4").objective.beta == .constant(4))
    let ramp = try configuration.setting(
      "objective.beta", to: "{\"kind\": \"linear\", \"value\": 2, \"start\": 0, \"epochs\": 3}")
    #expect(ramp.objective.beta == .linear(from: 0, to: 2, epochs: 3))
  }

  @Test func freeBitsAreAFloorForEachDimensionOrLayer() throws {
    let values = try run { graph in
      let elements = graph.constant([0.1, 2, 0.3, 4], shape: [2, 2])
      var bits = FreeBits()
      let nats = graph.constant(1)
      let each = bits.cost([(elements, elements.sum([1]))], nats: nats)
      bits.scope = .group
      let group = bits.cost([(elements, elements.sum([1]))], nats: nats)
      let small = bits.cost([(elements * 0.1, (elements * 0.1).sum([1]))], nats: nats)
      return [each, group, small].compactMap { $0 }
    }
    // Means of the dimensions over the batch are 0.2 and 3; of the layer 3.2, and 0.32.
    #expect(abs(values[0][0] - 4) < 1e-6)
    #expect(abs(values[1][0] - 3.2) < 1e-6)
    #expect(abs(values[2][0] - 1) < 1e-6)
  }

  @Test func mergedNormalsMultiplyTheirDensities() throws {
    let values = try run { graph in
      let left = DiagonalNormal(
        mean: graph.constant([1], shape: [1]), logVariance: graph.constant([log(2)], shape: [1]))
      let right = DiagonalNormal(mean: graph.constant([4], shape: [1]), logVariance: graph.constant([0], shape: [1]))
      let both = left.merged(with: right)
      return [both.mean, both.logVariance.exp()]
    }
    // Precisions 1/2 and 1: variance 2/3, mean (1/2 + 4) 2/3.
    #expect(abs(values[0][0] - 3) < 1e-5)
    #expect(abs(values[1][0] - 2.0 / 3) < 1e-5)
  }

  /// On all examples at once, the stratified estimate is the total correlation of the mixture of their posteriors.
  @Test func totalCorrelationIsThatOfTheAggregatePosterior() throws {
    let count = 200
    var stream = RandomStream(seed: 4, name: "means")
    var means: [Float] = []
    for _ in 0..<count {
      let shared = Float(stream.nextUniform() * 4 - 2)
      means += [shared, shared + Float(stream.nextUniform() - 0.5)]
    }
    let logVariances = [Float](repeating: -2, count: 2 * count)
    let exact = try AggregatePosterior(
      NormalPosteriors(means: CodeMatrix(means, width: 2), logVariances: CodeMatrix(logVariances, width: 2))
    ).totalCorrelation(draws: 4000, seed: 1)
    var correlation = TotalCorrelation()
    correlation.estimator = .stratifiedSampling
    let estimates = try (0..<20).map { seed in
      try run(UInt64(seed)) { graph in
        let posterior = DiagonalNormal(
          mean: graph.constant(means.map(Double.init), shape: [count, 2]),
          logVariance: graph.constant([-2], shape: [count, 2]))
        return [correlation.sampled(posterior, posterior.sample(count: nil), examples: count)]
      }[0][0]
    }
    let mean = estimates.reduce(0, +) / 20
    #expect(exact.value > 0.5)
    #expect(abs(mean - exact.value) < 0.05 + 5 * exact.error)
  }

  @Test func aDiscriminatorLearnsTheTotalCorrelation() throws {
    // Two latents with correlation r have the total correlation -log(1 - r^2) / 2.
    let r = 0.8
    let discriminator = TotalCorrelationDiscriminator(latents: 2, hidden: [32, 32])
    let graph = Graph()
    let noise = graph.random(.normal, shape: [500, 2], type: .float32)
    let (first, second) = (noise.slice(1, 0..<1), noise.slice(1, 1..<2))
    let z = Tensor.concatenate([first, first * r + second * (1 - r * r).squareRoot()], dimension: 1)
    let estimate = discriminator.estimate(z)
    let optimizer = OptimizerState(.adam(learningRate: 3e-3), over: discriminator.variables)
    optimizer.minimize(discriminator.loss(z), learningRate: graph.constant(3e-3))
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: [estimate]), state: VariableStore(seed: 1))
    let estimates = try (0..<600).map {
      try executable.run([], random: RandomState(seed: 2, step: UInt64($0)))[0].doubles[0]
    }
    let mean = estimates.suffix(100).reduce(0, +) / 100
    #expect(abs(mean + 0.5 * log(1 - r * r)) < 0.1)
  }

  @Test func theCovariancePenaltyIsThatOfTheMeansAndOfTheDraws() throws {
    var penalty = CovariancePenalty()
    let values = try run { graph in
      // Variances 1 and 4, covariance 2.
      let posterior = DiagonalNormal(
        mean: graph.constant([1, 2, -1, -2], shape: [2, 2]), logVariance: graph.constant([0], shape: [2, 2]))
      let means = penalty.squares(posterior)
      penalty.kind = .draws
      let draws = penalty.squares(posterior)
      return [means.offDiagonal, means.diagonal, draws.offDiagonal, draws.diagonal]
    }
    #expect(largestDifference(values.map { $0[0] }, [4 + 4, 0 + 9, 4 + 4, 1 + 16]) < 1e-4)
  }

  @Test(arguments: Discrepancy.Kernel.allCases)
  func theDiscrepancyVanishesForEqualDistributionsAlone(_ kernel: Discrepancy.Kernel) throws {
    var discrepancy = Discrepancy()
    discrepancy.kernel = kernel
    let values = try run { graph in
      func draw() -> Tensor { graph.random(.normal, shape: [400, 3], type: .float32) }
      return [discrepancy.estimate(draw(), draw()), discrepancy.estimate(draw() + 0.7, draw())]
    }
    #expect(abs(values[0][0]) < 0.02)
    #expect(values[1][0] > 0.05)
  }

  /// The gradients of the encoder that importance weights give: both estimators have one mean, at any weight of the rate,
  /// whether it is a constant or a tensor that a schedule feeds, and with a penalty of the draws beside the bound.
  @Test(arguments: [
    (1, 1, ScheduledValue.constant(1)), (1, 4, .constant(1)), (1, 4, .constant(0)), (1, 4, .constant(0.5)),
    (1, 4, .constant(2)), (1, 1, .constant(2)), (2, 3, .constant(0.5)), (1, 4, .linear(from: 0, to: 1, epochs: 4)),
  ])
  func theDoublyReparameterisedGradientIsTheGradientOfTheBound(
    _ groups: Int, _ samples: Int, _ beta: ScheduledValue
  ) throws {
    let bounds: [any BoundFamily] =
      groups > 1
      ? [.importanceWeighted, .partiallyImportanceWeighted]
      : samples > 1 ? [.importanceWeighted] : [.importanceWeighted, .evidenceLowerBound]
    for bound in bounds {
      let plain = Objective(bound, estimator: .monteCarlo, samples: groups, importanceSamples: samples, beta: beta)
      let objective = plain.with { $0.regularization.latentNorm = 0.3 }
      let path = try encoderGradients(objective)
      let double = try encoderGradients(objective.with { $0.gradient = .doublyReparameterized })
      for place in path[0].indices {
        let (a, b) = (summary(path.map { $0[place] }), summary(double.map { $0[place] }))
        let error = (a.error * a.error + b.error * b.error).squareRoot()
        #expect(abs(a.mean - b.mean) < 5 * error, "\(bound.kind), \(place)")
      }
    }
  }

  /// Many gradients of an objective with respect to the last of the encoder's parameters, a quarter of a schedule through.
  private func encoderGradients(_ objective: Objective) throws -> [[Double]] {
    let model = Model(smallModel(latents: 2, hidden: [4]), exampleShape: [8, 8, 1])
    let graph = Graph()
    let x = graph.constant([0.7], shape: [2, 8, 8, 1])
    let schedule = ObjectiveSchedule(objective, in: graph)
    let loss = objective.loss(
      model, ExampleBatch(examples: x), objective.makeVariables(model.specification), schedule, examples: 2)
    let encoder = model.inferenceVariables[model.inferenceVariables.count - 1]
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: gradient(of: loss.losses[0].loss, withRespectTo: [graph.read(encoder)])),
      state: VariableStore(seed: 3))
    let inputs = schedule.values(after: 1).map { HostTensor([Float($0)], shape: []) }
    return try (0..<20_000).map {
      try executable.run(inputs, random: RandomState(seed: 5, step: UInt64($0)))[0].doubles
    }
  }

  /// Here it is a hundredth of the variance and less.
  @Test(arguments: [1, 4])
  func theDoublyReparameterisedGradientHasLessNoise(_ samples: Int) throws {
    let noise = try [Objective.Gradient.pathwise, .doublyReparameterized].map { kind in
      let gradients = try encoderGradients(.importanceWeighted(samples, gradient: kind))
      return gradients[0].indices.reduce(0.0) { sum, place in
        let error = summary(gradients.map { $0[place] }).error
        return sum + error * error
      }
    }
    #expect(noise[1] < 0.1 * noise[0])
  }

  @Test func gradientsThatNeedIndependentExamplesRefuseWhatCouplesThem() {
    var coupled = smallModel()
    coupled.decoder.likelihood = .normal(variance: .optimal)
    var normalized = smallModel()
    normalized.decoder.network = .mlp(hidden: [16], unit: .batchNormalized)
    let double = Objective.importanceWeighted(3, gradient: .doublyReparameterized)
    let score = Objective(.evidenceLowerBound, gradient: .scoreFunction)
    for (model, objective) in [(coupled, double), (normalized, double), (coupled, score), (normalized, score)] {
      let error = #expect(throws: LatentError.self) { try model.validate(exampleShape: [8], objective: objective) }
      #expect(error?.problem.contains("do not depend on each other's draws") == true)
    }
    let path = Objective(.evidenceLowerBound, gradient: .doublyReparameterized)
    #expect(throws: Never.self) { try coupled.validate(exampleShape: [8], objective: path) }
  }

  private func summary(_ values: [Double]) -> (mean: Double, error: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count / count).squareRoot())
  }

  static let ranges: [(likelihood: any LikelihoodFamily, least: Double, greatest: Double)] = [
    (.bernoulli, 0, 1), (.normal(meanActivation: .logistic), 0, 1), (.normal(), -.infinity, .infinity),
    (.poisson, 0, .infinity), (.negativeBinomial, 0, .infinity), (.tokens(levels: 4), 0, 3),
    (.discretizedLogistic, 0, 1),
  ]

  /// Pseudo-inputs are in the data's range whatever training makes of the variable, and what is within is as it is.
  @Test(arguments: Self.ranges.indices) func aVampPriorIsTheMixtureOfItsPseudoInputsPosteriors(_ index: Int) throws {
    let (likelihood, least, greatest) = Self.ranges[index]
    var specification = smallModel(latents: 2, hidden: [6])
    specification.prior = .vampPrior(dimensions: 2, components: 3)
    specification.decoder.likelihood = likelihood
    let model = Model(specification, exampleShape: [8], dataMean: [Float](repeating: 0.3, count: 8))
    let inputs = try #require(model.variables.first { $0.name == "prior/pseudoInputs" })
    let store = VariableStore(seed: 1)
    let differences: [Double] = [
      -0.2, 0.1, 0.6, -0.3, -0.4, -1.2, 0.9, 2.5, -7, 3, 40, -0.31, 0, 0.69, 0.71, -2, 0.2, -0.1, 1e-3, 5, -6, -0.9,
      0.4,
      1,
    ]
    try store.set(inputs, to: HostTensor(differences, shape: [3, 8]))
    let expected = differences.map { difference -> Double in
      var value = difference + 0.3
      if value < least { value = 2 * least - value }
      if value > greatest { value = max(least, 2 * greatest - value) }
      return value
    }
    #expect(expected.allSatisfy { (least...greatest).contains($0) })
    let graph = Graph()
    let z = graph.constant([0.3, -0.8], shape: [1, 2])
    let components = try #require(model.posterior(graph.constant(expected, shape: [3, 8]), mode: .inference))
    let mixture = components.logProbability(z.broadcast(to: [3, 2])).logSumExp([0]) - log(3.0)
    let density = try #require(model.prior(count: 1, in: graph)).logProbability(z)
    let slope = gradient(of: density.sum(), withRespectTo: [graph.read(inputs)])[0]
    let values = try CPUBackend().compile(Program(graph: graph, outputs: [density, mixture, slope]), state: store)
      .run([], random: RandomState(seed: 1))
    #expect(values[0].doubles[0].isFinite)
    #expect(abs(values[0].doubles[0] - values[1].doubles[0]) < 1e-3 * max(1, abs(values[1].doubles[0])))
    // A value that began below the data's least is not stuck there.
    #expect(values[2].doubles[4] != 0)
  }

  /// Bounds of models with several layers are bounds: more samples tighten them, and both estimators agree.
  @Test(arguments: [Hierarchy.bottomUp([.init(latents: 2, hidden: [8])]), .ladder([.init(latents: 2, hidden: [8])])])
  func boundsOfSeveralLayersKeepTheirOrder(_ hierarchy: Hierarchy) throws {
    var specification = smallModel(latents: 3, hidden: [16])
    specification.hierarchy = hierarchy
    let trainer = try Trainer(
      RunConfiguration(model: specification, optimizer: .adam(learningRate: 5e-3), batchSize: 50, epochs: 10, seed: 2),
      dataset: Dataset(name: "bars", train: smallImages(400)))
    try trainer.run()
    let examples = try smallImages(400)
    let evaluator = Evaluator(trainer.trained, seed: 1)
    let bound = try evaluator.bound(examples)
    let estimates = try [1, 10, 200].map { try evaluator.negativeLogLikelihood(examples, samples: $0) }
    #expect(abs(estimates[0].nll + bound.elbo) < 5 * (bound.elboError + estimates[0].error))
    #expect(estimates[1].nll < estimates[0].nll && estimates[2].nll < estimates[1].nll + 0.02)
    #expect(try evaluator.posteriorMeans(examples).map { $0.width } == [3, 2])
  }
}
