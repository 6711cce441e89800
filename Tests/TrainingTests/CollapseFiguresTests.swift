import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentTraining
@testable import LatentVariationalAutoencoders

/// What is said of collapse: rates from the model's own prior, and means that integrate the layers below.
@Suite(.serialized) struct CollapseFiguresTests {
  private let examples: Examples

  init() throws { examples = try smallImages(300) }

  private func trained(
    _ objective: Objective = .elbo(), _ change: (inout VariationalAutoencoder) -> Void
  ) throws -> TrainedModel {
    var specification = smallModel(latents: 3, hidden: [12])
    change(&specification)
    let trainer = try Trainer(
      RunConfiguration(
        model: specification, objective: objective, optimizer: .adam(learningRate: 0.01), batchSize: 50, epochs: 8,
        seed: 3), dataset: Dataset(name: "bars", train: examples))
    try trainer.run()
    return trainer.trained
  }

  /// A mixture's density by hand gives the rate that is reported; N(0, I) would give another.
  @Test func theRateIsThatFromTheModelsPrior() throws {
    let trained = try trained { $0.prior = .mixture(dimensions: 3, components: 2) }
    func set(_ name: String, _ values: [Double], _ shape: Shape) throws {
      let variable = try #require(trained.model.variables.first { $0.name == name })
      try trained.store.set(variable, to: HostTensor(values, shape: shape))
    }
    let (means, logVariances, weights) = ([2.0, -1, 0.5, -1, 3, 0], [0.3, -0.5, 0, 0.2, 0.1, -1], [0.25, 0.75])
    try set("prior/means", means, [2, 3])
    try set("prior/logVariances", logVariances, [2, 3])
    try set("prior/logits", weights.map { log($0) }, [2])
    let evaluator = Evaluator(trained, seed: 1)
    let report = try evaluator.collapseReport(examples, seed: 1)
    let posteriors = try evaluator.posteriors(examples)
    let exact = AggregatePosterior(posteriors).information(draws: 60_000, seed: 2) { z in
      var density = 0.0
      for component in 0..<2 {
        var sum = log(weights[component])
        for latent in 0..<3 {
          let place = 3 * component + latent
          // Log-variances pass through 20 tanh(x / 20).
          let logVariance: Double = 20 * tanh(logVariances[place] / 20)
          let difference: Double = z[latent] - means[place]
          sum -= 0.5 * (log(2 * .pi) + logVariance + difference * difference / exp(logVariance))
        }
        density += exp(sum)
      }
      return log(density)
    }.rate
    let rate = try #require(report.rate)
    // One draw for each of 300 examples has seventeen times the error of 200 for each.
    #expect(abs(rate - exact.value) < 5 * exact.error * 18)
    #expect(abs(rate - posteriors.rates.reduce(0, +)) > 5 * exact.error * 18)
    #expect(try rate == evaluator.bound(examples).rate)
    #expect(report.units.allSatisfy { $0.rate == nil })
  }

  @Test(arguments: [0, 1, 2, 3]) func ratesOfLatentsAddUpToTheRate(_ index: Int) throws {
    let hierarchies: [Hierarchy] = [
      .single, .single, .bottomUp([.init(latents: 2, hidden: [5])]), .ladder([.init(latents: 2, hidden: [5])]),
    ]
    let trained = try trained(.elbo(estimator: index == 1 ? .monteCarlo : .closedForm)) {
      $0.hierarchy = hierarchies[index]
    }
    let evaluator = Evaluator(trained, seed: 1)
    let rates = try #require(try evaluator.latentRates(examples))
    #expect(rates.map(\.count) == (index < 2 ? [3] : [3, 2]))
    #expect(try abs(rates.joined().reduce(0, +) - evaluator.bound(examples).rate) < 1e-4)
    if index == 0 {
      let report = try evaluator.collapseReport(examples, seed: 1)
      let own = try evaluator.posteriors(examples).rates
      #expect(zip(report.units, own).allSatisfy { abs(($0.rate ?? .nan) - $1) < 1e-4 })
    }
  }

  @Test func reconstructionAloneHasNoRate() throws {
    let trained = try trained(.reconstruction.with { $0.discrepancy.weight = 1 }) { _ in }
    let report = try Evaluator(trained, seed: 1).collapseReport(examples, seed: 1)
    #expect(report.rate == nil && report.units.allSatisfy { $0.rate == nil })
  }

  static let inferences: [(name: String, posterior: any PosteriorFamily, hierarchy: Hierarchy)] = [
    ("bottom-up", .diagonalNormal, .bottomUp([.init(latents: 3, hidden: [6]), .init(latents: 2, hidden: [6])])),
    ("ladder", .diagonalNormal, .ladder([.init(latents: 3, hidden: [6]), .init(latents: 2, hidden: [6])])),
    ("flow", .planarFlow(steps: 4), .single),
    ("refined", .semiAmortized(steps: 2), .single),
  ]

  /// E_q(z|x) by its definition: the mean of very many draws of all layers together.
  @Test(arguments: Self.inferences.indices) func meansIntegrateTheOtherLayers(_ index: Int) throws {
    let (name, posterior, hierarchy) = Self.inferences[index]
    let trained = try trained {
      $0.encoder.posterior = posterior
      $0.hierarchy = hierarchy
    }
    // Large weights between the layers, so that the image of a mean is not the mean of the images.
    for variable in trained.model.variables where name != "refined" {
      guard variable.name.contains("layer") || variable.name.contains("/flow"), variable.name.hasSuffix("kernel")
      else { continue }
      let value = try trained.store.value(of: variable)
      try trained.store.set(variable, to: HostTensor(value.doubles.map { $0 * 4 }, shape: variable.shape))
    }
    let few = examples.prefix(6)
    let means = try Evaluator(trained, seed: 1).posteriorMeans(few, draws: 2000)
    let draws = try draws(trained, few, count: 20_000)
    #expect(means.count == 1 + hierarchy.layers.count)
    for (mean, draw) in zip(means, draws) {
      for (place, value) in mean.values.enumerated() {
        let error = (draw.variances[place] * (1 / 20_000.0 + 1 / 2000)).squareRoot()
        #expect(abs(Double(value) - draw.means[place]) < 5 * error + 1e-5, "\(name)")
      }
    }
  }

  /// Mean and variance of many draws of every layer, [B, D].
  private func draws(
    _ trained: TrainedModel, _ examples: Examples, count: Int
  ) throws -> [(means: [Double], variances: [Double])] {
    let graph = Graph()
    var pixels = [Float](repeating: 0, count: examples.count * 64)
    try pixels.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    let x = graph.constant(pixels.map(Double.init), shape: [examples.count, 8, 8, 1])
    let layers = trained.model.draw(x, samples: count, mode: .inference).layers
    let outputs = layers.flatMap { [$0.z.mean([0]), $0.z.variance([0])] }
    let values = try CPUBackend().compile(Program(graph: graph, outputs: outputs), state: trained.store)
      .run([], random: RandomState(seed: 77))
    return layers.indices.map { (values[2 * $0].doubles, values[2 * $0 + 1].doubles) }
  }

  /// A latent that jumps with the mean of the layer below, but not with a draw of it, is not active; noise is no activity.
  @Test func aLatentIsActiveByItsIntegratedMean() throws {
    let specification = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 1), encoder: .mlp(hidden: []),
      decoder: .mlp(hidden: [], likelihood: .normal()),
      hierarchy: .bottomUp([.init(latents: 1, hidden: [1])]))
    let model = Model(specification, exampleShape: [1])
    let store = VariableStore(seed: 1)
    func set(_ name: String, _ values: [Double]) throws {
      let variable = try #require(
        model.variables.first { $0.name == name }, "\(name) is none of \(model.variables.map(\.name))")
      try store.set(variable, to: HostTensor(values, shape: variable.shape))
    }
    // h1 ~ N(x, 1), the mean of h2 is tanh(20 h1).
    try set("encoder/posterior/normal/kernel", [1, 0])
    try set("encoder/layer1/hidden0/kernel", [20])
    try set("encoder/layer1/normal/kernel", [1, 0])
    let trained = TrainedModel(model: model, objective: .elbo(), store: store, backend: CPUBackend(), averages: [:])
    let x = (0..<1000).map { Float($0 % 2 == 0 ? 0.05 : -0.05) }
    let active = try Evaluator(trained, seed: 1).activeUnits(Examples(floats: x, shape: [1]))
    // E tanh(20 h1) is nearly 2 Phi(0.05) - 1 = 0.04, the tanh of the mean is 0.76.
    #expect(active.map(\.count) == [0, 0])
    #expect(abs(active[1].variances[0] - 0.0016) < 0.0008)
    // Of one example over and over nothing varies, though a hundred draws leave a variance of a hundredth.
    let same = try Evaluator(trained, seed: 1).activeUnits(
      Examples(floats: [Float](repeating: 0.02, count: 2000), shape: [1]))
    #expect(same[1].variances[0] < 0.001)
    let rough = try ActiveUnits(
      posteriorMeans: Evaluator(trained, seed: 1).posteriorMeans(
        Examples(floats: [Float](repeating: 0.02, count: 2000), shape: [1]), draws: 50)[1])
    #expect(rough.variances[0] > 0.01)
  }
}
