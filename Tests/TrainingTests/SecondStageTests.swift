import Foundation
import Latent
import TestSupport
import Testing

/// A prior that is learned of a finished autoencoder: the autoencoder stays as it is, to the bit, and the rate falls.
@Suite struct SecondStageTests {
  private func first(
    _ model: VariationalAutoencoder? = nil, beta: ScheduledValue = .constant(1)
  ) throws -> (RunConfiguration, TrainedModel, Dataset) {
    var grid = ConvolutionalNetwork()
    (grid.channels, grid.hidden, grid.keepsGrid) = ([8], [], true)
    let quantized = VariationalAutoencoder(
      prior: .uniformCodes,
      encoder: .init(
        network: grid,
        posterior: .quantized(.vector(codes: 8, learning: .movingAverage, gradient: .rotation), codeDimensions: 4)),
      decoder: .init(network: grid, likelihood: .bernoulli))
    let configuration = RunConfiguration(
      model: model ?? quantized, objective: .elbo(beta: beta), optimizer: .adam(learningRate: 0.01), batchSize: 25,
      epochs: 3, seed: 1)
    let dataset = Dataset(name: "bars", train: try smallImages(200))
    let trainer = try Trainer(configuration, dataset: dataset)
    try trainer.run()
    return (trainer.configuration, trainer.trained, dataset)
  }

  private func second(
    of first: RunConfiguration,
    prior: any PriorFamily = .autoregressiveCodes(.transformer(features: 16, heads: 2, blocks: 1))
  ) -> RunConfiguration {
    var own = RunConfiguration(
      model: first.model, optimizer: .adam(learningRate: 0.01), batchSize: 25, epochs: 6, seed: 2)
    own.model.prior = prior
    return own.secondStage(of: first, at: "/runs/first")
  }

  @Test func thePriorAloneLearnsAndTheRateFalls() throws {
    let (configuration, trained, dataset) = try first()
    let trainer = try Trainer(second(of: configuration), dataset: dataset, startingFrom: trained)
    var rates: [Double] = []
    let last = try trainer.run { event in
      if case .metrics(let metrics) = event, metrics.split == "train" { rates.append(metrics.rate ?? .nan) }
    }
    let result = trainer.trained
    let own = Set(result.model.priorVariables)
    #expect(own.count > 10)
    let before = Dictionary(uniqueKeysWithValues: trained.model.variables.map { ($0.name, $0) })
    for variable in result.model.variables where !own.contains(variable) {
      let other = try #require(before[variable.name])
      #expect(try result.store.value(of: variable) == trained.store.value(of: other), "\(variable.name) has changed")
    }
    // 16 codes of 8 each.
    let uniform = 16 * Foundation.log(8.0)
    #expect(rates.count == 6 && rates[5] < rates[0] && rates[5] < 0.75 * uniform, "\(rates)")
    #expect(last.rate.map { $0 < 0.75 * uniform } == true)
    let old = try Evaluator(trained, seed: 0).bound(dataset.train)
    let new = try Evaluator(result, seed: 0).bound(dataset.train)
    #expect(abs(old.rate - uniform) < 1e-3 && old.distortion == new.distortion && new.elbo > old.elbo)
    #expect(abs(new.elbo + new.rate + new.distortion) < 1e-6)
    // A draw's codes are those of a vector that the decoder knows.
    let generator = try Generator(result, drawing: DrawSettings(temperature: 0.5, topK: 4), seed: 1)
    #expect(try generator.decode(generator.priorSamples(70, seed: 1)).count == 70 * 64)
  }

  @Test func aRunThatIsResumedIsAsIfItHadNeverStopped() throws {
    let (configuration, trained, dataset) = try first()
    #expect(second(of: configuration).data.validationSeed == configuration.seed)
    let folder = try TemporaryFolder()
    let whole = try Trainer(second(of: configuration), dataset: dataset, startingFrom: trained)
    try whole.run()
    let run = RunFolder(path: folder.file("run"))
    var part = second(of: configuration)
    part.epochs = 2
    try run.create(replacing: false)
    try Trainer(part, dataset: dataset, folder: run, startingFrom: trained).run()
    var rest = try run.configuration()
    #expect(rest.autoencoder == "/runs/first")
    rest.epochs = 6
    let resumed = try Trainer(rest, dataset: dataset, folder: run, resuming: true)
    try resumed.run()
    for (one, other) in zip(whole.trained.model.variables, resumed.trained.model.variables) {
      #expect(try whole.trained.store.value(of: one) == resumed.trained.store.value(of: other), "\(one.name)")
    }
  }

  @Test func aFlowLearnsOfTheLatentsOfAnOrdinaryAutoencoder() throws {
    let (configuration, trained, dataset) = try first(smallModel())
    let trainer = try Trainer(
      second(of: configuration, prior: .realNVP(dimensions: 4, steps: 2, hidden: [16])), dataset: dataset,
      startingFrom: trained)
    try trainer.run()
    let old = try Evaluator(trained, seed: 0).bound(dataset.train)
    let new = try Evaluator(trainer.trained, seed: 0).bound(dataset.train)
    #expect(abs(old.distortion - new.distortion) < 1e-4 && new.rate < old.rate)
  }

  @Test func aPriorLearnsOfChoicesAndOfSeveralLevels() throws {
    var grid = ConvolutionalNetwork()
    (grid.channels, grid.hidden, grid.keepsGrid) = ([8], [], true)
    var model = VariationalAutoencoder(
      prior: .uniformChoices(dimensions: 0), encoder: .init(network: grid, posterior: .categorical(6)),
      decoder: .init(network: grid, likelihood: .bernoulli))
    // 4 x 4 choices of 6; 4 x 4 and 2 x 2 codes of 8.
    let choices = 16 * Foundation.log(6.0)
    let codes = 20 * Foundation.log(8.0)
    for isChoice in [true, false] {
      if !isChoice {
        model.prior = .uniformCodes
        model.encoder.posterior = .quantized(
          .vector(codes: 8, learning: .movingAverage), codeDimensions: 4, levels: 2)
      }
      let (configuration, trained, dataset) = try first(model, beta: .constant(0.05))
      let trainer = try Trainer(second(of: configuration), dataset: dataset, startingFrom: trained)
      try trainer.run()
      let old = try Evaluator(trained, seed: 0).bound(dataset.train)
      let new = try Evaluator(trainer.trained, seed: 0).bound(dataset.train)
      #expect(old.rate <= (isChoice ? choices : codes) + 1e-3 && abs(old.distortion - new.distortion) < 1e-6)
      #expect(new.rate < 0.75 * old.rate, "\(old.rate) to \(new.rate)")
    }
  }

  @Test func relaxedChoicesHaveNoLearnedPriorBesideThem() throws {
    let (_, _, dataset) = try first()
    var configuration = RunConfiguration(model: smallModel(), batchSize: 25, epochs: 1)
    configuration.model.prior = .autoregressiveCodes(.transformer(features: 16, heads: 2, blocks: 1))
    configuration.model.prior.dimensions = 6
    configuration.model.encoder.posterior = .categorical(3)
    let error = #expect(throws: LatentError.self) { try Trainer(configuration, dataset: dataset) }
    #expect(error?.problem.hasPrefix("A autoregressiveCodes prior knows the probability of choices") == true)
    configuration.model.encoder.posterior = .categorical(3, draws: .discrete)
    configuration.objective = Objective.elbo(estimator: .monteCarlo)
    configuration.objective.gradient = .scoreFunctionWithBaseline
    try Trainer(configuration, dataset: dataset).run()
  }

  @Test("What has nothing to learn is refused", arguments: 0..<6)
  func refusals(_ index: Int) throws {
    let (configuration, trained, dataset) = try first()
    var settings = second(of: configuration)
    var origin: TrainedModel? = trained
    let part: String
    switch index {
    case 0:
      settings.model.prior = .uniformCodes
      part = "A prior of kind uniformCodes has nothing to learn"
    case 1:
      settings.startedFrom = "/runs/other"
      part = "begins with random weights"
    case 2:
      settings.objective = .reconstruction
      part = "Reconstruction alone never sees the prior"
    case 4:
      settings.model.encoder.posterior = .semiAmortized(steps: 2)
      settings.model.prior = .realNVP(dimensions: settings.model.prior.dimensions)
      part = "The refinement of a posterior goes by the prior"
    case 3:
      origin = nil
      part = "A prior alone is trained of an autoencoder, which is not there"
    default:
      settings.model.prior = .realNVP(dimensions: settings.model.prior.dimensions)
      part = "The divergence of a posterior of kind quantized from a prior of kind realNVP is infinite"
    }
    let error = #expect(throws: LatentError.self) {
      try Trainer(settings, dataset: dataset, startingFrom: origin)
    }
    #expect(error?.problem.contains(part) == true, "\(String(describing: error))")
  }
}
