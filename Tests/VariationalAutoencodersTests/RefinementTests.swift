import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// Refinement goes up the bound that is trained, at any width of the posteriors.
@Suite(.serialized) struct RefinementTests {
  /// A model with the weights that another has in a store, by name.
  private func copy(_ store: VariableStore, of model: Model, into other: Model) throws -> VariableStore {
    let result = VariableStore(seed: 1)
    let known = Dictionary(uniqueKeysWithValues: model.variables.map { ($0.name, $0) })
    for variable in other.variables {
      try result.set(variable, to: store.value(of: #require(known[variable.name])))
    }
    return result
  }

  /// With a linear decoder the best diagonal Normal is known: precisions 1 + h_dd / beta, and the mean of the full posterior.
  @Test(arguments: [(0.05, 1.0), (0.05, 4), (0.05, 0.5), (0.3, 1), (2, 1)])
  func aLinearDecodersPosteriorIsFound(_ deviation: Double, _ beta: Double) throws {
    let specification = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 2),
      encoder: .mlp(hidden: [4], posterior: .semiAmortized(steps: 80, rate: 0.2)),
      decoder: .mlp(hidden: [], likelihood: .normal(standardDeviation: deviation)))
    let model = Model(specification, exampleShape: [4]).refining(for: .elbo(beta: .constant(beta)))
    let store = VariableStore(seed: 3)
    let weights = [[0.8, 0.1, -0.6, 0.5], [0.2, -0.9, 0.3, 0.7]]
    let kernel = try #require(model.variables.first { $0.name == "decoder/output/kernel" })
    try store.set(kernel, to: HostTensor(weights.flatMap { $0 }, shape: [2, 4]))
    let x = [0.5, -0.3, 0.2, 1.1]
    let graph = Graph()
    let posterior = try #require(
      model.posterior(graph.constant(x, shape: [1, 4]), mode: .inference) as? DiagonalNormal)
    let values = try CPUBackend().compile(
      Program(graph: graph, outputs: [posterior.mean, posterior.logVariance]), state: store
    ).run([], random: RandomState(seed: 1))

    let scale = 1 / (deviation * deviation * beta)
    func product(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for (left, right) in zip(a, b) { sum += left * right }
      return sum * scale
    }
    let a = 1 + product(weights[0], weights[0])
    let b = product(weights[0], weights[1])
    let c = 1 + product(weights[1], weights[1])
    let (u, v) = (product(weights[0], x), product(weights[1], x))
    let determinant = a * c - b * b
    let mean = [(c * u - b * v) / determinant, (a * v - b * u) / determinant]
    let widths = [1 / a.squareRoot(), 1 / c.squareRoot()]
    for latent in 0..<2 {
      #expect(abs(values[0].doubles[latent] - mean[latent]) < 0.02 * widths[latent] + 1e-4)
      // Draws of the other latent, with which there is a correlation of 0.2, leave noise.
      #expect(abs(values[1].doubles[latent] - 2 * log(widths[latent])) < 0.25)
    }
  }

  static let cases: [(name: String, likelihood: any LikelihoodFamily, prior: any PriorFamily, beta: Double)] = [
    ("Bernoulli", .bernoulli, .standardNormal(dimensions: 3), 1),
    ("narrow Normal", .normal(standardDeviation: 0.05), .standardNormal(dimensions: 3), 1),
    ("narrower Normal", .normal(standardDeviation: 0.01), .standardNormal(dimensions: 3), 1),
    ("narrow Normal, beta 8", .normal(standardDeviation: 0.05), .standardNormal(dimensions: 3), 8),
    ("Bernoulli, beta 0.1", .bernoulli, .standardNormal(dimensions: 3), 0.1),
    ("mixture", .normal(standardDeviation: 0.1), .mixture(dimensions: 3, components: 3), 1),
    ("VampPrior", .normal(standardDeviation: 0.1), .vampPrior(dimensions: 3, components: 3), 2),
    ("flow", .bernoulli, .realNVP(dimensions: 3, steps: 2, hidden: [8]), 1),
  ]

  /// The trained objective's bound at fixed weights, by many draws, after more and more steps.
  @Test(arguments: Self.cases.indices) func theBoundDoesNotFallWithSteps(_ index: Int) throws {
    let (name, likelihood, prior, beta) = Self.cases[index]
    var specification = smallModel(latents: 3, hidden: [16])
    specification.decoder.likelihood = likelihood
    specification.prior = prior
    let objective = Objective.elbo(beta: .constant(beta))
    let trainer = try Trainer(
      RunConfiguration(
        model: specification, objective: objective, optimizer: .adam(learningRate: 5e-3), batchSize: 40, epochs: 15,
        seed: 2), dataset: Dataset(name: "bars", train: smallImages(400)))
    try trainer.run()
    let counts = [0, 1, 2, 4, 8, 16, 32]
    let bounds = try counts.map { steps in
      specification.encoder.posterior = .semiAmortized(steps: steps)
      return try bound(trainer.trained, specification, objective)
    }
    for (index, pair) in zip(bounds, bounds.dropFirst()).enumerated() {
      let slack = 3 * (pair.0.error * pair.0.error + pair.1.error * pair.1.error).squareRoot()
      #expect(pair.1.value > pair.0.value - slack, "\(name), \(counts[index]) to \(counts[index + 1]): \(pair)")
    }
    #expect(bounds[6].value > bounds[0].value, "\(name)")
  }

  /// log p(x|z) - beta (log q - log p), over 50 examples and 200 runs, and its standard error over the runs.
  private func bound(
    _ trained: TrainedModel, _ specification: VariationalAutoencoder, _ objective: Objective
  ) throws -> (value: Double, error: Double) {
    let model = Model(specification, exampleShape: [8, 8, 1]).refining(for: objective)
    let store = try copy(trained.store, of: trained.model, into: model)
    let graph = Graph()
    var pixels = [Float](repeating: 0, count: 50 * 64)
    let examples = try smallImages(50)
    try pixels.withUnsafeMutableBufferPointer { try examples.copyRange(0..<50, into: $0) }
    let x = graph.constant(pixels.map(Double.init), shape: [50, 8, 8, 1])
    let draw = model.draw(x, samples: 10, mode: .inference)
    let likelihood = model.logLikelihood(x, draw.z, mode: .inference)
    let bound = (likelihood - (draw.logPosterior - draw.logPrior) * objective.beta.value).mean()
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: [bound]), state: store)
    let values = try (0..<200).map {
      try executable.run([], random: RandomState(seed: 9, step: UInt64($0)))[0].doubles[0]
    }
    let mean = values.reduce(0, +) / 200
    return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200 / 200).squareRoot())
  }

  /// In training the weight is that of the moment: at beta = 0 the prior has no say, as if there were none.
  @Test func aScheduleIsFollowed() throws {
    var specification = smallModel(latents: 2, hidden: [6])
    specification.encoder.posterior = .semiAmortized(steps: 4)
    let model = Model(specification, exampleShape: [8])
    let objective = Objective.elbo(beta: .linear(from: 0, to: 2, epochs: 2))
    func terms(_ objective: Objective, after epochs: Double) throws -> [Double] {
      let graph = Graph()
      let schedule = ObjectiveSchedule(objective, in: graph)
      let x = graph.constant((0..<32).map { Double($0 % 5) / 4 }, shape: [4, 8])
      let loss = objective.loss(
        model, ExampleBatch(examples: x), objective.makeVariables(specification), schedule, examples: 4)
      let inputs = schedule.values(after: epochs).map { HostTensor([Float($0)], shape: []) }
      return try CPUBackend().compile(
        Program(graph: graph, outputs: [loss.terms.rate, loss.terms.distortion]), state: VariableStore(seed: 6)
      ).run(inputs, random: RandomState(seed: 1)).flatMap(\.doubles)
    }
    for (epochs, beta) in [(0.0, 0.0), (1, 1), (5, 2)] {
      let constant = try terms(.elbo(beta: .constant(beta)), after: 0)
      #expect(largestDifference(try terms(objective, after: epochs), constant) < 1e-4)
    }
    #expect(try largestDifference(terms(objective, after: 0), terms(objective, after: 5)) > 1e-2)
  }

  @Test func whatIsAboutAWholeBatchIsRefused() {
    var specification = smallModel()
    specification.encoder.posterior = .semiAmortized(steps: 4)
    for objective in [
      Objective.elbo().with { $0.freeBits.nats = 0.5 }, .elbo().with { $0.capacity.weight = 1 },
    ] {
      let error = #expect(throws: LatentError.self) {
        try specification.validate(exampleShape: [8], objective: objective)
      }
      #expect(error?.problem.contains("about the rate of a whole batch") == true)
    }
    specification.encoder.posterior = .semiAmortized(steps: 4, rate: 1.5)
    #expect(throws: LatentError.self) { try specification.validate(exampleShape: [8], objective: .elbo()) }
  }
}
