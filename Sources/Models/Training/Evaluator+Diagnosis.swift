import Foundation
import LatentDatasets
import LatentDiagnostics
import LatentEvaluation
import LatentVariationalAutoencoders

extension Evaluator {
  /// What a diagnosis looks at.
  public struct DiagnosisRequest {
    /// Examples that the model was trained on.
    public var training: Examples
    /// Examples that it was not trained on; `nil` where there are none.
    public var heldOut: Examples?
    /// How the run was made, and what it logged.
    public var configuration: RunConfiguration
    /// The figures of each epoch.
    public var metrics: [EpochMetrics]
    /// How many examples of each kind are looked at.
    public var limit = 2000

    /// Names what is looked at.
    public init(
      training: Examples, heldOut: Examples?, configuration: RunConfiguration, metrics: [EpochMetrics]
    ) {
      self.training = training
      self.heldOut = heldOut
      self.configuration = configuration
      self.metrics = metrics
    }
  }

  /// What seems to be wrong with the model.
  ///
  /// - Throws: `LatentError` for examples that the model cannot take.
  public func diagnosis(_ request: DiagnosisRequest) throws -> Diagnosis { Diagnosis(try symptoms(request)) }

  private func symptoms(_ request: DiagnosisRequest) throws -> Diagnosis.Symptoms {
    var symptoms = Diagnosis.Symptoms()
    let specification = trained.model.specification
    let training = request.training.prefix(request.limit)
    let heldOut = request.heldOut?.prefix(request.limit)
    let shown = heldOut ?? training
    symptoms.stopsEarly = request.configuration.patience > 0
    symptoms.rates = request.metrics.filter { $0.split == "train" }.compactMap(\.rate)
    let splits = request.metrics.filter { $0.split == "validation" }
    let measured = splits.isEmpty ? request.metrics.filter { $0.split == "test" } : splits
    symptoms.heldOutEpochs = measured.compactMap { metrics in metrics.elbo.map { (metrics.epoch, $0) } }
    // Values that the likelihood is not about are refused where they are trained on, and are a warning here.
    do {
      symptoms.likelihoodWarning = try request.configuration.likelihoodWarning(for: request.training) ?? ""
    } catch let error as LatentError {
      symptoms.likelihoodWarning = error.problem
    }
    symptoms.likelihoodDeviation = try likelihoodDeviation(request.training)
    let bound = try bound(shown)
    if trained.objective.hasBound {
      symptoms.trainingBounds = heldOut == nil ? nil : try self.bound(training).values
      symptoms.heldOutBounds = heldOut == nil ? nil : bound.values
    }
    if specification.hasNormalPosterior, shown.count >= 2 {
      let posteriors = try posteriors(shown)
      symptoms.collapse = try CollapseReport(
        posteriors, rates: .model(total: bound.rate, latents: latentRates(shown)?.first), seed: seed)
      let limits = posteriors.logVariances.values.count { abs($0) > 18 }
      symptoms.saturatedShare = Double(limits) / Double(posteriors.logVariances.values.count)
      // A tenth of as many latents as examples is needed for a covariance that means something.
      if trained.objective.hasBound, shown.count >= 10 * trained.model.latents {
        (symptoms.rate, symptoms.informationBound) = (bound.rate, posteriors.informationBound)
      }
    }
    if let usage = try codeUsage(shown) {
      symptoms.codesUsed = usage.usage
      symptoms.codes = usage.counts.reduce(0) { $0 + $1.count }
      symptoms.choices = Int(usage.counts.joined().reduce(0, +))
    }
    if request.configuration.precision == .bf16, trained.objective.hasBound {
      var (coarse, exact) = (trained, trained)
      (coarse.precision, exact.precision) = (.bf16, .f32)
      let few = shown.prefix(500)
      symptoms.exactBound = try Evaluator(exact, noiseOf: self).bound(few).elbo
      symptoms.precisionDifference = try Evaluator(coarse, noiseOf: self).bound(few).elbo - symptoms.exactBound
    }
    return symptoms
  }

  /// The standard deviation that a Normal likelihood has learned for all values, of the range that the data have.
  private func likelihoodDeviation(_ examples: Examples) throws -> Double? {
    guard let likelihood = trained.model.specification.decoder.likelihood as? NormalLikelihood,
      [.scalar, .optimal].contains(likelihood.variance),
      let variable = trained.model.variables.first(where: { $0.name == "likelihood/logVariance" })
    else { return nil }
    let range = Double(examples.range.upperBound - examples.range.lowerBound)
    let used = trained.averages[variable] ?? variable
    guard range > 0, let raw = try trained.store.value(of: used).doubles.first else { return nil }
    // A learned one is kept within its limits as the likelihood does it.
    let logVariance = likelihood.variance == .scalar ? 20 * tanh(raw / 20) : raw
    return Foundation.exp(0.5 * logVariance) / range
  }
}
