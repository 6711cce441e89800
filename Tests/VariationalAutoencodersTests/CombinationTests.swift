import Latent
import TestSupport
import Testing

/// Combinations of the axes: those that make sense train, the others are refused with a reason.
@Suite(.serialized) struct CombinationTests {
  typealias Model = VariationalAutoencoder

  static let encoders: [Model.Encoder] = [
    .mlp(hidden: [16]), .mlp(hidden: [16, 12], activation: .relu), .mlp(hidden: []),
    .convolutional(channels: [4, 8], hidden: [16]), .mlp(hidden: [16], posterior: .point),
    Model.Encoder(network: .residual(channels: [4, 6], groups: 2), posterior: .diagonalNormal),
  ]
  static let likelihoods: [any LikelihoodFamily] = [
    .bernoulli, .normal(), .normal(variance: .scalar), .normal(variance: .perDimension, standardDeviation: 0.5),
    .normal(variance: .scalar, meanActivation: .logistic),
  ]

  @Test(arguments: Self.encoders, Self.likelihoods)
  func everySensibleCombinationTrains(_ encoder: Model.Encoder, _ likelihood: any LikelihoodFamily) throws {
    for isConvolutional in [false, true] {
      let decoder: Model.Decoder =
        isConvolutional
        ? .convolutional(channels: [4, 8], hidden: [16], likelihood: likelihood)
        : .mlp(hidden: [16], likelihood: likelihood)
      let objective: Objective = encoder.posterior.traits.contains(.point) ? .reconstruction : .elbo()
      let configuration = RunConfiguration(
        model: Model(prior: .standardNormal(dimensions: 3), encoder: encoder, decoder: decoder), objective: objective,
        optimizer: .adam(learningRate: 5e-3), batchSize: 64, epochs: 6, seed: 1)
      let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: smallImages(300)))
      var scores: [Double] = []
      try trainer.run { if case .metrics(let metrics) = $0 { scores.append(metrics.score) } }
      #expect(scores.allSatisfy { $0.isFinite })
      #expect(scores[5] > scores[0])
    }
  }

  @Test(arguments: [[28, 28, 1], [40, 30, 3], [5, 7, 1], [1, 9, 2], [64, 64, 1]], ["convolutional", "residual"])
  func imagesAreOfAnySize(_ shape: [Int], _ kind: String) throws {
    let size = shape.reduce(1, *)
    // Bright where the row is even, so that there is something to learn at every pixel.
    let values = (0..<(60 * size)).map { index -> Float in
      index % size / (shape[1] * shape[2]) % 2 == 0 ? 0.9 : Float(index / size % 5) / 10
    }
    let networks: (any EncoderFamily, any DecoderFamily) =
      if kind == "residual" {
        (
          ResidualNetwork.residual(channels: [4, 6, 8], groups: 2),
          ResidualNetwork.residual(channels: [4, 6, 8], groups: 2)
        )
      } else {
        (
          ConvolutionalNetwork.convolutional(channels: [4, 6, 8], hidden: [12]),
          ConvolutionalNetwork.convolutional(channels: [4, 6, 8], hidden: [12])
        )
      }
    let configuration = RunConfiguration(
      model: Model(
        prior: .standardNormal(dimensions: 3),
        encoder: Model.Encoder(network: networks.0, posterior: .diagonalNormal),
        decoder: Model.Decoder(network: networks.1, likelihood: .bernoulli)),
      optimizer: .adam(learningRate: 0.01), batchSize: 20, epochs: 8, seed: 1)
    let examples = try Examples(floats: values, shape: shape)
    let trainer = try Trainer(configuration, dataset: Dataset(name: "rows", train: examples))
    var scores: [Double] = []
    try trainer.run { if case .metrics(let metrics) = $0 { scores.append(metrics.score) } }
    #expect(scores[7] > scores[0] && scores[7].isFinite)
    let images = try Generator(trainer.trained).reconstruct(examples.prefix(2))
    #expect(images.count == 2 * size)
  }

  @Test func colourImagesTrain() throws {
    let grey = try smallImages(100)
    var values = [Float](repeating: 0, count: 100 * 64)
    try values.withUnsafeMutableBufferPointer { try grey.copyRange(0..<100, into: $0) }
    let colour = try Examples(floats: values.flatMap { [$0, 1 - $0, 0.5] }, shape: [8, 8, 3])
    let model = Model(
      prior: .standardNormal(dimensions: 3), encoder: .convolutional(channels: [4], hidden: [16]),
      decoder: .convolutional(channels: [4], hidden: [16], likelihood: .normal(variance: .perDimension)))
    let trainer = try Trainer(
      RunConfiguration(model: model, batchSize: 50, epochs: 2), dataset: Dataset(name: "colour", train: colour))
    #expect(try trainer.run().score.isFinite)
    #expect(
      try RunPictures.grid(Generator(trainer.trained).decode([0, 0, 0]), shape: [8, 8, 3], columns: 1).channels == 3)
  }

  @Test(arguments: [
    (
      Model(prior: .standardNormal(dimensions: 0), encoder: .mlp(hidden: [4]), decoder: .mlp(hidden: [4])),
      Objective.elbo(), [8, 8, 1], "cannot have 0 latents"
    ),
    (smallModel(hidden: [0]), .elbo(), [8, 8, 1], "encoder's sizes [0] are not all"),
    (
      Model(
        prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: [4]),
        decoder: .convolutional(channels: [4], hidden: [])), .elbo(), [10], "needs images"
    ),
    (
      Model(
        prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: [4], posterior: .point),
        decoder: .mlp(hidden: [4])), .elbo(), [8], "which a point has not"
    ),
    (smallModel(), .elbo(samples: 0), [8], "cannot draw 0 samples"),
    (
      Model(
        prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: [4]),
        decoder: .mlp(hidden: [4], likelihood: .normal(standardDeviation: 0))), .elbo(), [8], "standard deviation 0.0"
    ),
    (
      smallModel(), objective(.scoreFunction) { $0.freeBits.nats = .constant(0.5) }, [8],
      "which the gradient scoreFunction has not"
    ),
    (
      smallModel(), objective(.doublyReparameterized) { $0.capacity.weight = .constant(10) }, [8],
      "which the gradient doublyReparameterized has not"
    ),
    (
      smallModel(), objective(.scoreFunctionWithBaseline) { $0.discrepancy.weight = .constant(10) }, [8],
      "no penalty of the draws would reach the encoder"
    ),
    (
      Model(
        prior: .normal(dimensions: 100_000), encoder: .mlp(hidden: [4]), decoder: .mlp(hidden: [4])), .elbo(), [8],
      "cannot have 100000 latents"
    ),
    (
      Model(prior: .normal(dimensions: 20_000), encoder: .mlp(hidden: [4]), decoder: .mlp(hidden: [4])), .elbo(), [8],
      "which 20000 are too many for"
    ),
  ])
  func nonsenseIsRefusedByName(_ model: Model, _ objective: Objective, _ shape: [Int], _ reason: String) {
    let error = #expect(throws: LatentError.self) { try model.validate(exampleShape: shape, objective: objective) }
    #expect(error?.problem.contains(reason) == true)
    #expect(error?.category == .usage)
  }

  private static func objective(_ gradient: Objective.Gradient, _ change: (inout Objective) -> Void) -> Objective {
    var result = Objective.elbo()
    result.gradient = gradient
    change(&result)
    return result
  }

  @Test func likelihoodsOwnTheirDataRange() throws {
    #expect(throws: LatentError.self) { _ = try BernoulliLikelihood().check(survey(-1...1), inBound: true) }
    #expect(throws: LatentError.self) {
      try NormalLikelihood.normal(meanActivation: .logistic).check(survey(0...2), inBound: true)
    }
    #expect(
      try NormalLikelihood().check(survey(0...1, isBinary: true), inBound: true)?.contains("zeros and ones") == true)
    #expect(try NormalLikelihood().check(survey(-3...3), inBound: true) == nil)
    #expect(try BernoulliLikelihood().check(survey(0...1, isBinary: true), inBound: true) == nil)
  }

  private func survey(_ range: ClosedRange<Float>, isBinary: Bool = false) -> ValueSurvey {
    ValueSurvey(range: range, isBinary: isBinary, isWhole: isBinary)
  }

  @Test func presetsFitTheirDataAndSurviveTheirConfiguration() throws {
    for preset in Preset.all {
      let shape = NamedDataset.named(preset.configuration.data.name)?.shape ?? [28, 28, 1]
      var model = preset.configuration.model
      if model.condition.isOn { model.condition.size = 10 }
      try model.validate(exampleShape: shape, objective: preset.configuration.objective)
      let read = try RunConfiguration(json: preset.configuration.json(), source: preset.name)
      #expect(read == preset.configuration)
    }
    #expect(
      Set(Preset.all.map(\.name)).isSuperset(of: ["ae", "vae", "vae-gaussian", "vae-2d", "vae-conv", "vae-conv64"]))
  }
}
