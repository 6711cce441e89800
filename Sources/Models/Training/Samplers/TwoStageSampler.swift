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
public struct TwoStageSampler: SamplerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("two-stage", "a second autoencoder, over the codes of the first")

  /// It has no settings.
  public init() {}

  /// Trains the second stage on standardised codes, of which there are at least 20; a tenth of them is held out to choose
  /// when to stop.
  public func fit(_ codes: CodeMatrix, seed: UInt64, backend: any Backend) throws -> any FittedSampler {
    try codes.check(for: kind, least: SamplerTraining.leastCodes)
    let scale = CodeScale(codes)
    let plan = SamplerTraining(codes: codes.count)
    var configuration = RunConfiguration(
      model: Self.stage(latents: codes.width),
      optimizer: Optimizer(.adam, learningRate: SamplerTraining.learningRate, clipNorm: 10),
      schedule: LearningRateSchedule(.cosine), dataset: "codes", batchSize: plan.batchSize, epochs: plan.epochs,
      seed: derivedSeed(seed, "sampler two-stage"))
    configuration.data.validation = plan.heldOut
    configuration.patience = plan.patience
    let examples = try Examples(floats: scale.standardized(codes), shape: [codes.width], source: "The codes")
    do {
      let trainer = try Trainer(configuration, dataset: Dataset(name: "codes", train: examples), backend: backend)
      try trainer.run()
      return SecondStage(trained: trainer.trained, scale: scale)
    } catch let error as LatentError {
      throw LatentError.failure(
        "The second stage cannot be trained on the codes (\(error.problem))",
        remedy: "Give --sampler gmm, or train the run so that its codes have no extreme values")
    }
  }

  /// Reads a second stage.
  public static func read(_ file: SamplerFile, backend: any Backend) throws -> any FittedSampler {
    try SecondStage(file, backend: backend)
  }

  private static func stage(latents: Int) -> VariationalAutoencoder {
    // From a deviation of 1, a second stage over codes that are nearly Normal would never come to use its latents.
    let width = min(1024, max(256, 2 * latents))
    return VariationalAutoencoder(
      prior: .standardNormal(dimensions: latents), encoder: .mlp(hidden: [width, width], activation: .relu),
      decoder: .mlp(
        hidden: [width, width], activation: .relu, likelihood: .normal(variance: .scalar, standardDeviation: 0.5)))
  }
}

/// A second stage that was trained on codes.
private struct SecondStage: FittedSampler {
  private let trained: TrainedModel
  private let scale: CodeScale
  private static let rowsAtOnce = 1000

  var family: any SamplerFamily { TwoStageSampler() }
  /// How many latents a code has, and the second stage.
  var latents: Int { trained.model.latents }

  init(trained: TrainedModel, scale: CodeScale) {
    self.trained = trained
    self.scale = scale
  }

  /// Draws codes by decoding draws from the second stage's prior, `count` rows of `latents`; the same seed gives the
  /// same codes.
  func sample(count: Int, seed: UInt64) throws -> [Float] {
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

  /// The scale of the codes and the second stage's parameters.
  func contents() throws -> SamplerContents {
    SamplerContents(
      shape: trained.model.specification,
      arrays: scale.tensors + (try trained.store.arrays(of: trained.model.variables)))
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
