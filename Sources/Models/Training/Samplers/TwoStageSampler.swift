import LatentCPUBackend
import LatentDatasets
import LatentDiagnostics
import LatentDistributions
import LatentEvaluation
import LatentExecution
import LatentOptimizers
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Draws codes from a second variational autoencoder with as many latents as the first, which was trained on the codes
/// (Dai & Wipf 2019, section 4).
///
/// Its likelihood is a Normal with one learned variance. A draw is u from N(0, I), then a code from the likelihood given
/// u, not the likelihood's mean: the second stage can only reproduce the codes' distribution with its noise.
public struct TwoStageSampler: LatentSampler {
  private let trained: TrainedModel
  private let scale: CodeScale
  private static let rowsAtOnce = 1000

  /// `.twoStage`, whose name for users is `two-stage`.
  public var kind: SamplerKind { .twoStage }

  /// How many latents a code has, and the second stage.
  public var latents: Int { trained.model.latents }

  /// Trains the second stage on standardised codes; a tenth of them is held out to choose when to stop.
  ///
  /// - Parameters:
  ///   - codes: at least 20.
  ///   - seed: the same seed gives the same sampler.
  ///   - backend: where it is trained and drawn from.
  /// - Throws: `LatentError` when there are too few codes, one is not a finite number, or training fails.
  public static func fit(
    _ codes: CodeMatrix, seed: UInt64, backend: any Backend = CPUBackend()
  ) throws -> TwoStageSampler {
    try codes.check(for: .twoStage, least: SamplerTraining.leastCodes)
    let scale = CodeScale(codes)
    let plan = SamplerTraining(codes: codes.count)
    var configuration = RunConfiguration(
      model: stage(latents: codes.width),
      optimizer: Optimizer(.adam, learningRate: SamplerTraining.learningRate, clipNorm: 10),
      schedule: LearningRateSchedule(.cosine), dataset: "codes", batchSize: plan.batchSize, epochs: plan.epochs,
      seed: derivedSeed(seed, "sampler two-stage"))
    configuration.data.validation = plan.heldOut
    configuration.patience = plan.patience
    let examples = try Examples(floats: scale.standardized(codes), shape: [codes.width], source: "The codes")
    do {
      let trainer = try Trainer(configuration, dataset: Dataset(name: "codes", train: examples), backend: backend)
      try trainer.run()
      return TwoStageSampler(trained: trainer.trained, scale: scale)
    } catch let error as LatentError {
      throw LatentError.failure(
        "The second stage cannot be trained on the codes (\(error.problem))",
        remedy: "Give --sampler gmm, or train the run so that its codes have no extreme values")
    }
  }

  private init(trained: TrainedModel, scale: CodeScale) {
    self.trained = trained
    self.scale = scale
  }

  private static func stage(latents: Int) -> VariationalAutoencoder {
    // From a deviation of 1, a second stage over codes that are nearly Normal would never come to use its latents.
    let width = min(1024, max(256, 2 * latents))
    return VariationalAutoencoder(
      prior: .standardNormal(dimensions: latents), encoder: .mlp(hidden: [width, width], activation: .relu),
      decoder: .mlp(
        hidden: [width, width], activation: .relu, likelihood: .normal(variance: .scalar, standardDeviation: 0.5)))
  }

  /// Draws codes by decoding draws from the second stage's prior, `count` rows of `latents`; the same seed gives the
  /// same codes.
  public func sample(count: Int, seed: UInt64) throws -> [Float] {
    let model = trained.model
    let runner = BatchRunner(trained, shape: [1]) { batch, _ in
      let u = StandardNormal(shape: [batch.shape[0], model.latents], in: batch.graph).sample(count: nil)
      return [model.likelihood(u, mode: .inference).sample(count: nil)]
    }
    var result: [Float] = []
    for first in stride(from: 0, to: count, by: Self.rowsAtOnce) {
      let random = RandomState(seed: derivedSeed(seed, "sampler two-stage"), step: UInt64(first))
      try runner.run(min(Self.rowsAtOnce, count - first), random, fill: { _ in }, read: { result += $0 })
    }
    scale.restore(&result)
    return result
  }

  // MARK: In a file

  /// Writes the scale of the codes and the second stage's parameters.
  public func save(to path: String, weights: String) throws {
    try SamplerFile.write(
      scale.tensors + trained.store.arrays(of: trained.model.variables), kind: kind,
      shape: trained.model.specification, weights: weights, to: path)
  }

  init(_ file: SamplerFile, backend: any Backend) throws {
    let specification = try file.shape(VariationalAutoencoder.self)
    let latents = specification.prior.dimensions
    guard (try? specification.validate(exampleShape: [latents], objective: .elbo())) != nil else {
      throw file.damage("no second stage has the sizes it names")
    }
    let model = Model(specification, exampleShape: [latents])
    let store = VariableStore(seed: 0)
    try file.restore(model.variables, into: store)
    scale = try CodeScale(file, latents: latents)
    trained = TrainedModel(model: model, objective: .elbo(), store: store, backend: backend, averages: [:])
  }
}
