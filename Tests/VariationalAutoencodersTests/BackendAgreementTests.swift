import Latent
import TestSupport
import Testing

/// Whole training steps of whole models, on both back ends.
@Suite(.serialized) struct BackendAgreementTests {
  @Test(arguments: CombinationTests.encoders, CombinationTests.likelihoods)
  func gradientsOfWholeModelsAgree(_ encoder: VariationalAutoencoder.Encoder, _ likelihood: any LikelihoodFamily) throws
  {
    let specification = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 3), encoder: encoder,
      decoder: .convolutional(channels: [3], hidden: [7], likelihood: likelihood))
    let model = Model(specification, exampleShape: [8, 8, 1])
    let objective: Objective =
      encoder.posterior.traits.contains(.point) ? .reconstruction : .elbo(estimator: .monteCarlo, samples: 2)
    let graph = Graph()
    let batch = ExampleBatch(examples: graph.input("x", shape: [5, 8, 8, 1]))
    let loss = objective.loss(
      model, batch, objective.makeVariables(specification), ObjectiveSchedule(objective, in: graph), examples: 5
    ).losses[0].loss
    let gradients = gradient(of: loss, withRespectTo: model.variables.map(graph.read))
    let program = Program(graph: graph, outputs: [loss] + gradients)
    var values = [Float](repeating: 0, count: 5 * 64)
    try values.withUnsafeMutableBufferPointer { try smallImages(5).copyRange(0..<5, into: $0) }
    let results = try [CPUBackend() as any Backend, ReferenceBackend()].map { backend in
      try backend.compile(program, state: VariableStore(seed: 3)).run(
        [HostTensor(values, shape: [5, 8, 8, 1])], random: RandomState(seed: 2, step: 1))
    }
    for (actual, expected) in zip(results[0], results[1]) {
      #expect(largestDifference(actual.doubles, expected.doubles) < 2e-4)
    }
  }
}
