import LatentDatasets
import LatentDiagnostics
import LatentDistributions
import LatentEvaluation
import LatentExecution
import Foundation
import LatentLayers
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Figures of a model on a set of examples, in nats per example, with their standard errors over the examples.
public struct BoundEstimate: Hashable, Sendable {
  /// The evidence lower bound and its standard error.
  public var elbo: Double, elboError: Double
  /// KL(q(z|x) || p(z)), averaged over the examples, in nats: what a latent code costs.
  public var rate: Double
  /// -E log p(x|z), averaged over the examples, in nats: what is left to say when the latents are known.
  public var distortion: Double
  /// How many examples were averaged over.
  public var examples: Int
  /// The bound of each example, in their order: two models are compared by the differences.
  public var values: [Double]
}

/// Measures a trained model. The same seed gives the same figures.
public struct Evaluator {
  let trained: TrainedModel
  let seed: UInt64

  /// Latents that are decoded at once, which bounds the memory however many samples are asked for.
  static let latentsAtOnce = 2000

  /// Creates an evaluator whose noise comes from a seed.
  public init(_ trained: TrainedModel, seed: UInt64) {
    self.trained = trained
    self.seed = derivedSeed(seed, "evaluation")
  }

  /// The same noise for another model.
  init(_ trained: TrainedModel, noiseOf other: Evaluator) {
    self.trained = trained
    seed = other.seed
  }

  /// The bound and its parts, with one latent for each example.
  public func bound(_ examples: Examples, batchSize: Int = 500) throws -> BoundEstimate {
    let model = trained.model
    let objective = trained.objective
    let runner = BatchRunner(trained, shape: model.exampleShape) { batch, condition in
      let terms = objective.terms(model, ExampleBatch(examples: batch, condition: condition), mode: .inference)
      return [terms.rate, terms.distortion]
    }
    var rates: [Double] = []
    var distortions: [Double] = []
    for (index, range) in examples.chunks(of: batchSize).enumerated() {
      let outputs = try runner.run(examples, range, RandomState(seed: seed, step: UInt64(index)))
      rates += outputs[0].doubles
      distortions += outputs[1].doubles
    }
    let bounds = zip(rates, distortions).map { -($0 + $1) }
    return BoundEstimate(
      elbo: bounds.mean, elboError: bounds.standardError, rate: rates.mean, distortion: distortions.mean,
      examples: examples.count, values: bounds)
  }

  /// The negative log-likelihood with K importance samples for each example, in chunks so that memory stays flat; of a model
  /// without latents exactly, whatever K is.
  ///
  /// - Throws: `LatentError` for a model without a density over latents, or a number of samples below 1.
  public func negativeLogLikelihood(
    _ examples: Examples, samples: Int, report: (Double) -> Void = { _ in }
  ) throws -> LikelihoodEstimate {
    guard samples >= 1 else {
      throw LatentError.usage("A likelihood needs at least one sample", remedy: "Give --samples 1 or more")
    }
    guard trained.objective.hasBound else {
      throw LatentError.usage(
        "A model that was trained for reconstruction alone has no likelihood of its data",
        remedy: "Train it with objective.kind=evidenceLowerBound")
    }
    let model = trained.model
    guard model.specification.hasLatents else {
      // There is nothing to draw: one pass is the likelihood itself.
      let values = try bound(examples).values.map { -$0 }
      report(1)
      return LikelihoodEstimate(values, samples: 1)
    }
    let chunk = min(samples, 50)
    // What goes value by value keeps much of each row.
    let atOnce = model.specification.isDrawn ? Self.latentsAtOnce / 8 : Self.latentsAtOnce
    let batchSize = max(1, min(examples.count, atOnce / chunk))
    func runner(_ count: Int) -> BatchRunner {
      BatchRunner(trained, shape: model.exampleShape) { batch, condition in
        [model.logImportanceWeights(batch, condition: condition, samples: count, mode: .inference).transpose([1, 0])]
      }
    }
    let whole = runner(chunk)
    let rest = runner(samples % chunk)
    var estimates: [ImportanceWeights] = []
    var step: UInt64 = 0
    for range in examples.chunks(of: batchSize) {
      var weights = range.map { _ in ImportanceWeights(samples: samples) }
      for first in stride(from: 0, to: samples, by: chunk) {
        let count = min(chunk, samples - first)
        let runner = count == chunk ? whole : rest
        let outputs = try runner.run(examples, range, RandomState(seed: seed, step: step))
        step += 1
        for (index, value) in outputs[0].doubles.enumerated() { weights[index / count].add(value) }
      }
      estimates += weights
      report(Double(range.upperBound) / Double(examples.count))
    }
    return LikelihoodEstimate(estimates, samples: samples)
  }
}

extension Evaluator {
  /// The posteriors of examples, for a model whose posterior is a diagonal Normal.
  ///
  /// - Throws: `LatentError` for another posterior.
  public func posteriors(_ examples: Examples, batchSize: Int = 500) throws -> NormalPosteriors {
    let model = trained.model
    guard model.specification.hasNormalPosterior else {
      throw LatentError.usage(
        "The model's posterior is not a diagonal Normal in one layer", remedy: "Use a model with such a posterior")
    }
    let runner = BatchRunner(trained, shape: model.exampleShape) { batch, condition in
      guard let posterior = model.posterior(batch, condition: condition, mode: .inference) as? DiagonalNormal else {
        return []
      }
      return [posterior.mean, posterior.logVariance]
    }
    var (means, logVariances): ([Float], [Float]) = ([], [])
    for range in examples.chunks(of: batchSize) {
      let outputs = try runner.run(examples, range, RandomState(seed: seed))
      means += outputs[0].floats
      logVariances += outputs[1].floats
    }
    return try NormalPosteriors(
      means: CodeMatrix(means, width: model.latents), logVariances: CodeMatrix(logVariances, width: model.latents))
  }

  /// How many draws of the other layers a layer's posterior mean is integrated over.
  public static let usualDraws = 100

  /// E_q(z|x) of each layer of latents, the first layer first.
  ///
  /// - Parameter draws: how many draws of the layers that a layer depends on are averaged over, at least 2; a single layer of
  ///   Normals depends on none. They come from the evaluator's seed.
  public func posteriorMeans(_ examples: Examples, draws: Int = usualDraws) throws -> [CodeMatrix] {
    try integratedMeans(examples, draws: draws).map(\.means)
  }

  /// Which latents of each layer are active, the first layer first: Var_x(E_q(z|x)) above 0.01 (Burda et al. 2015, section 5.1).
  ///
  /// The expectation integrates all other layers. What its draws add to the variance over the examples is estimated from
  /// their spread and taken off: the variance is unbiased for any number of draws.
  public func activeUnits(_ examples: Examples, draws: Int = usualDraws) throws -> [ActiveUnits] {
    try integratedMeans(examples, draws: draws).map {
      try ActiveUnits(posteriorMeans: $0.means, estimateVariances: $0.variances)
    }
  }

  /// Posterior means, and for each latent the mean variance of their estimate.
  private func integratedMeans(
    _ examples: Examples, draws: Int
  ) throws -> [(means: CodeMatrix, variances: [Double])] {
    guard draws >= 2 else {
      throw LatentError.usage("A mean over \(draws) draws has no known error", remedy: "Take at least two draws")
    }
    let model = trained.model
    let runner = BatchRunner(trained, shape: model.exampleShape) { batch, condition in
      model.posteriorMeans(batch, condition: condition, samples: draws).flatMap { [$0.mean, $0.variance] }
    }
    let widths = [model.latents] + model.specification.hierarchy.layers.map(\.latents)
    var layers = widths.map { (means: [Float](), variances: [Double](repeating: 0, count: $0)) }
    for (step, range) in examples.chunks(of: max(1, 10_000 / draws)).enumerated() {
      let outputs = try runner.run(examples, range, RandomState(seed: seed, step: UInt64(step)))
      for (index, width) in widths.enumerated() {
        layers[index].means += outputs[2 * index].floats
        for (place, variance) in outputs[2 * index + 1].doubles.enumerated() {
          layers[index].variances[place % width] += variance / Double(examples.count)
        }
      }
    }
    return zip(layers, widths).map { (CodeMatrix($0.means, width: $1), $0.variances) }
  }

  /// The rate of each latent of each layer from the model's own prior, in nats, averaged over the examples, the first layer
  /// first: together the rate that `bound` gives.
  ///
  /// - Returns: `nil` where the rate is no sum over latents, as from a mixture, and for a model without a bound.
  public func latentRates(_ examples: Examples, batchSize: Int = 500) throws -> [[Double]]? {
    let model = trained.model
    let objective = trained.objective
    guard objective.hasBound, model.specification.hasLatentRates else { return nil }
    let runner = BatchRunner(trained, shape: model.exampleShape) { batch, condition in
      objective.latentRates(model, ExampleBatch(examples: batch, condition: condition), mode: .inference)?.map {
        $0.sum([0])
      } ?? []
    }
    var sums: [[Double]]?
    for (index, range) in examples.chunks(of: batchSize).enumerated() {
      let outputs = try runner.run(examples, range, RandomState(seed: seed, step: UInt64(index)))
      let parts = outputs.map { $0.doubles.map { $0 / Double(examples.count) } }
      sums = sums.map { zip($0, parts).map { zip($0, $1).map(+) } } ?? parts
    }
    return sums
  }

  /// How far a model's posterior has collapsed, with its own rate from its own prior.
  ///
  /// - Throws: `LatentError` for a posterior that is not a diagonal Normal in one layer, and for fewer than two examples.
  public func collapseReport(_ examples: Examples, seed: UInt64) throws -> CollapseReport {
    let total = trained.objective.hasBound ? try bound(examples).rate : nil
    return try CollapseReport(
      posteriors(examples), rates: .model(total: total, latents: latentRates(examples)?.first), seed: seed)
  }

  /// I_q(x; z): what a latent tells about which of the examples it belongs to, in nats.
  public func mutualInformation(_ examples: Examples) throws -> MonteCarloEstimate {
    try AggregatePosterior(posteriors(examples)).information(seed: seed).mutualInformation
  }
}

/// log sum exp of numbers that come one by one, in float64.
struct RunningLogSumExp {
  private var largest = -Double.infinity
  private var sum = 0.0

  /// Includes a number.
  mutating func add(_ value: Double) {
    // A weight of zero adds nothing, and infinities must not be subtracted from each other.
    if value == -.infinity { return }
    if value <= largest {
      sum += value == largest ? 1 : Foundation.exp(value - largest)
    } else {
      sum = sum * Foundation.exp(largest - value) + 1
      largest = value
    }
  }

  /// The result so far; minus infinity for no numbers.
  var value: Double { largest + Foundation.log(sum) }
}

extension [Double] {
  /// The arithmetic mean.
  var mean: Double { reduce(0, +) / Double(count) }

  /// The standard error of the mean, 0 for fewer than two numbers.
  var standardError: Double {
    guard count > 1 else { return 0 }
    let mean = mean
    let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(count - 1) / Double(count)).squareRoot()
  }
}
