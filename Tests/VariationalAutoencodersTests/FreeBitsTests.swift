import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// A free rate means the same for every model: so much for each latent of each layer, or for each layer.
@Suite(.serialized) struct FreeBitsTests {
  private func model(_ change: (inout VariationalAutoencoder) -> Void = { _ in }) -> Model {
    var specification = smallModel(latents: 3, hidden: [6])
    change(&specification)
    return Model(specification, exampleShape: [8])
  }

  /// What of the loss is no distortion, averaged over some runs.
  private func cost(_ objective: Objective, _ model: Model, runs: Int = 1) throws -> Double {
    let graph = Graph()
    let x = graph.constant((0..<32).map { Double($0 % 5) / 4 }, shape: [4, 8])
    let loss = objective.loss(
      model, ExampleBatch(examples: x), objective.makeVariables(model.specification),
      ObjectiveSchedule(objective, in: graph), examples: 4)
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: [-loss.objective - loss.terms.distortion.mean()]), state: VariableStore(seed: 6))
    let values = try (0..<runs).map {
      try executable.run([], random: RandomState(seed: 1, step: UInt64($0)))[0].doubles[0]
    }
    return values.reduce(0, +) / Double(runs)
  }

  private func objective(
    _ nats: ScheduledValue, _ scope: FreeBits.Scope, _ estimator: Objective.Estimator, samples: Int = 1
  ) -> Objective {
    Objective.elbo(estimator: estimator, samples: samples).with {
      $0.freeBits.nats = nats
      $0.freeBits.scope = scope
    }
  }

  /// With more nats free than any latent's rate, what the rate costs is the allowance, counted.
  @Test(arguments: [
    (Hierarchy.single, 3, 1), (.bottomUp([.init(latents: 2, hidden: [6])]), 5, 2),
    (.ladder([.init(latents: 2, hidden: [6])]), 5, 2),
    (.bottomUp([.init(latents: 2, hidden: [6]), .init(latents: 4, hidden: [])]), 9, 3),
  ])
  func everyLatentOfEveryLayerHasItsAllowance(_ hierarchy: Hierarchy, _ latents: Int, _ layers: Int) throws {
    let model = model { $0.hierarchy = hierarchy }
    for estimator in Objective.Estimator.allCases {
      let each = try cost(objective(50, .dimension, estimator), model)
      let group = try cost(objective(50, .group, estimator), model)
      #expect(abs(each - 50 * Double(latents)) < 1e-2, "\(estimator)")
      #expect(abs(group - 50 * Double(layers)) < 1e-2, "\(estimator)")
    }
  }

  /// By Monte Carlo the floor is that of the closed form, where there is one.
  @Test func bothEstimatorsHaveOneFloor() throws {
    let model = model()
    let nats = try middleRate(model)
    let closed = try cost(objective(.constant(nats), .dimension, .closedForm), model)
    let sampled = try cost(objective(.constant(nats), .dimension, .monteCarlo, samples: 2000), model, runs: 20)
    let plain = try cost(.elbo(), model)
    #expect(closed > plain + 0.002)
    #expect(abs(sampled - closed) < 0.1 * (closed - plain), "\(plain), \(closed), \(sampled)")
  }

  /// A free rate between those of the latents, so that some are below it and some above.
  private func middleRate(_ model: Model) throws -> Double {
    let graph = Graph()
    let x = graph.constant((0..<32).map { Double($0 % 5) / 4 }, shape: [4, 8])
    let draw = model.draw(x, samples: 1, mode: .training)
    let rates = try #require(draw.layers[0].elementRates(.closedForm)).mean([0])
    let values = try CPUBackend().compile(Program(graph: graph, outputs: [rates]), state: VariableStore(seed: 6))
      .run([], random: RandomState(seed: 1))[0].doubles.sorted()
    return (values[1] + values[2]) / 2
  }

  /// The latents' own rates add up to the layer's, draw by draw.
  @Test func ratesOfLatentsAddUpToTheLayers() throws {
    for hierarchy in [Hierarchy.bottomUp([.init(latents: 2, hidden: [])]), .ladder([.init(latents: 2, hidden: [])])] {
      let model = model { $0.hierarchy = hierarchy }
      for estimator in Objective.Estimator.allCases {
        let graph = Graph()
        let draw = model.draw(graph.constant([0.4], shape: [4, 8]), samples: 3, mode: .inference)
        let differences = try draw.layers.map { layer in
          try #require(layer.elementRates(estimator)).sum([1]) - layer.rate(estimator)
        }
        let values = try CPUBackend().compile(
          Program(graph: graph, outputs: differences), state: VariableStore(seed: 6)
        )
        .run([], random: RandomState(seed: 1))
        #expect(values.flatMap(\.doubles).allSatisfy { abs($0) < 1e-4 })
      }
    }
  }

  @Test func whatHasNoRateByDimensionIsRefusedByName() throws {
    let free = objective(0.5, .dimension, .closedForm)
    let cases: [(String, (inout VariationalAutoencoder) -> Void)] = [
      ("a prior of kind mixture", { $0.prior = .mixture(dimensions: 3, components: 2) }),
      ("a prior of kind vampPrior", { $0.prior = .vampPrior(dimensions: 3, components: 2) }),
      ("a prior of kind normal", { $0.prior = .normal(dimensions: 3) }),
      ("a posterior of kind planarFlow", { $0.encoder.posterior = .planarFlow(steps: 2) }),
      ("a posterior of kind fullNormal", { $0.encoder.posterior = .fullNormal }),
      (
        "a prior of kind mixture",
        {
          $0.prior = .mixture(dimensions: 3, components: 2)
          $0.hierarchy = .ladder([.init(latents: 2, hidden: [])])
        }
      ),
    ]
    for (reason, change) in cases {
      var specification = smallModel(latents: 3, hidden: [6])
      change(&specification)
      let error = #expect(throws: LatentError.self) {
        try specification.validate(exampleShape: [8], objective: free)
      }
      #expect(error?.problem.contains(reason) == true, "\(error?.problem ?? "")")
      try specification.validate(exampleShape: [8], objective: objective(0.5, .group, .closedForm))
    }
  }
}
