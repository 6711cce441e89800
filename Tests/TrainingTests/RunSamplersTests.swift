import Foundation
import Latent
import TestSupport
import Testing

/// Samplers as a run keeps them.
@Suite(.serialized) struct RunSamplersTests {
  private let folder: TemporaryFolder
  private let data: Examples
  private let run: RunFolder

  init() throws {
    folder = try TemporaryFolder()
    data = try smallImages(300)
    run = RunFolder(path: folder.file("run"))
  }

  private func train(_ model: VariationalAutoencoder = smallModel(), objective: Objective = .elbo(), epochs: Int = 2)
    throws
  {
    let configuration = RunConfiguration(
      model: model, objective: objective, optimizer: .adam(learningRate: 0.01), batchSize: 100, epochs: epochs, seed: 4)
    try run.create(replacing: true)
    try Trainer(configuration, dataset: Dataset(name: "bars", train: data), folder: run).run()
  }

  private func samplers() throws -> RunSamplers {
    RunSamplers(run, configuration: try run.configuration(), trained: try TrainedModel(run: run))
  }

  @Test func aSamplerIsFittedOnceAndAgainWhenAsked() throws {
    try train()
    var asked = 0
    func sampler(_ components: Int? = nil, refit: Bool = false) throws -> RunSamplers.Result {
      try samplers().sampler(
        GaussianMixtureSampler(components: components ?? 10), takingOthers: components == nil, refit: refit
      ) {
        asked += 1
        return data
      }
    }
    let first = try sampler()
    #expect(first.wasFitted)
    #expect(first.path == run.samplersPath + "/gmm.safetensors")
    let draws = try first.sampler.sample(count: 20, seed: 1)
    let second = try sampler()
    #expect(!second.wasFitted && asked == 1)
    #expect(try second.sampler.sample(count: 20, seed: 1) == draws)
    #expect(try sampler(10).wasFitted == false)
    #expect(try sampler(refit: true).wasFitted)
    let three = try sampler(3)
    #expect(three.wasFitted)
    #expect((three.sampler.family as? GaussianMixtureSampler)?.components == 3)
    // Whatever is there is taken where nothing is asked for.
    #expect(try sampler().wasFitted == false)
  }

  @Test func aSamplerOfOtherWeightsIsFittedAgain() throws {
    try train()
    #expect(try samplers().sampler(GaussianMixtureSampler()) { data }.wasFitted)
    var longer = try run.configuration()
    longer.epochs = 3
    try Trainer(longer, dataset: Dataset(name: "bars", train: data), folder: run, resuming: true).run()
    #expect(try samplers().sampler(GaussianMixtureSampler()) { data }.wasFitted)
    #expect(try !samplers().sampler(GaussianMixtureSampler()) { data }.wasFitted)
  }

  @Test func replacingARunRemovesItsSamplers() throws {
    try train()
    _ = try samplers().sampler(GaussianMixtureSampler()) { data }
    #expect(FileManager.default.fileExists(atPath: run.samplersPath))
    try run.create(replacing: true)
    #expect(!FileManager.default.fileExists(atPath: run.samplersPath))
  }

  @Test func codesArePointsOfADeterministicAutoencoderAndDrawsOfAnother() throws {
    try train()
    let variational = try TrainedModel(run: run)
    let codes = try variational.codes(of: data, seed: 1)
    #expect(codes.count == 300 && codes.width == 4)
    #expect(try variational.codes(of: data, seed: 1) == codes)
    #expect(try variational.codes(of: data, seed: 2) != codes)
    // Draws are as far from the means as the posteriors are wide.
    let posteriors = try Evaluator(variational, seed: 0).posteriors(data)
    let scores = codes.values.indices.map { place in
      Double(codes.values[place] - posteriors.means.values[place])
        / exp(0.5 * Double(posteriors.logVariances.values[place]))
    }
    let variance = scores.reduce(0) { $0 + $1 * $1 } / Double(scores.count)
    #expect(abs(variance - 1) < 0.15, "\(variance)")

    let point = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 4), encoder: .mlp(hidden: [24], posterior: .point),
      decoder: .mlp(hidden: [24]))
    try train(point, objective: .reconstruction)
    let deterministic = try TrainedModel(run: run)
    #expect(try deterministic.codes(of: data, seed: 1).values == Generator(deterministic).encode(data))
  }

  @Test func ofAHierarchyTheFirstLayerIsTaken() throws {
    var model = smallModel()
    model.hierarchy = .bottomUp([.init(latents: 2, hidden: [8])])
    try train(model)
    let trained = try TrainedModel(run: run)
    let codes = try trained.codes(of: data, seed: 1)
    #expect(codes.width == 4)
    #expect(codes.values == (try Generator(trained).encode(data)))
    let result = try samplers().sampler(GaussianMixtureSampler()) { data }
    #expect(try Generator(trained).decode(result.sampler.sample(count: 5, seed: 1)).count == 5 * 64)
  }

  @Test func trainingExamplesAreThoseOfTheRun() throws {
    let path = folder.file("bars.npy")
    var values = [Float](repeating: 0, count: data.count * 64)
    try values.withUnsafeMutableBufferPointer { try data.copyRange(0..<data.count, into: $0) }
    try NPY.write(NumericArray(floats: values, shape: [300, 8, 8, 1]), to: path, overwrite: false)
    var configuration = RunConfiguration(
      model: smallModel(), dataset: path, binarization: .stochastic, batchSize: 50, epochs: 1, seed: 4)
    configuration.data.limit = 200
    configuration.data.validation = 40
    let trainer = try Trainer(configuration, dataset: Dataset.load(path))
    let examples = try trainer.configuration.trainingExamples()
    #expect(examples.count == 160)
    #expect(examples.isBinary)
    try FileManager.default.moveItem(atPath: path, toPath: folder.file("moved.npy"))
    let gone = #expect(throws: LatentError.self) { try trainer.configuration.trainingExamples() }
    #expect(gone?.problem.contains("which cannot be loaded") == true)
    #expect(gone?.remedy == "Give --data or --data-dir the place of the original data (\(path))")
    let moved = try trainer.configuration.trainingExamples(from: folder.file("moved.npy"))
    #expect(moved.fingerprint == examples.fingerprint)
    values[5] += 0.01
    let other = folder.file("other.npy")
    try NPY.write(NumericArray(floats: values, shape: [300, 8, 8, 1]), to: other, overwrite: false)
    let wrong = #expect(throws: LatentError.self) { try trainer.configuration.trainingExamples(from: other) }
    #expect(wrong?.problem == "The data are not those that the run was trained on")
  }
}
