import Foundation
import LatentDatasets
import LatentDiagnostics
import LatentEvaluation
import LatentVariationalAutoencoders

extension Evaluator {
  /// What the examples of an evaluation are, and what it measures.
  public struct Request {
    /// The examples to measure on.
    public var examples: Examples
    /// Which split they are of.
    public var split: String
    /// Examples that probes and classifiers learn from.
    public var training: Examples
    /// The same examples, and those that a classifier learns from, as the data have them: samples are means of pixels, which are
    /// compared with grey values and not with the zeros and ones that these may have become. `nil` where they are no others.
    public var plain: (examples: Examples, training: Examples)?
    /// Importance samples for the likelihood.
    public var samples = 100
    /// What is measured beside bound and likelihood.
    public var measures: Set<Measure> = []
    /// Where samples are compared with examples.
    public var features = FeatureSpace.principal
    /// How annealing goes.
    public var annealing = AnnealingSettings()

    /// Asks for the bound and the likelihood alone.
    public init(examples: Examples, split: String, training: Examples) {
      self.examples = examples
      self.split = split
      self.training = training
    }
  }

  /// What an evaluation found.
  public struct Findings {
    /// The bound and its parts.
    public var bound: BoundEstimate
    /// The likelihood, of a model that has one.
    public var likelihood: LikelihoodEstimate?
    /// All figures, those of bound and likelihood first.
    public var groups: [FigureGroup]
  }

  /// Measures what is asked for, and puts it in words.
  ///
  /// - Parameter report: is told what is being measured, and which share of it is done.
  /// - Throws: `LatentError` for a measure that the model or the data do not allow, before anything is measured where that can be
  ///   seen.
  public func findings(
    _ request: Request, bits: BitsPerDimension, report: (String, Double) -> Void = { _, _ in }
  ) throws -> Findings {
    try check(request)
    let bound = try bound(request.examples)
    let likelihood =
      trained.objective.hasBound
      ? try negativeLogLikelihood(request.examples, samples: request.samples) { report("likelihood", $0) } : nil
    var groups = [
      FigureGroup(
        "\(bound.examples) examples of the \(request.split) split, in nats per example",
        boundFigures(bound, likelihood, bits))
    ]
    for measure in Measure.allCases where request.measures.contains(measure) {
      report(measure.rawValue, 0)
      switch measure {
      case .latents: groups += try latentFigures(request.examples)
      case .reconstruction: groups += try reconstructionFigures(request.examples)
      case .samples: groups.append(try sampleFigures(request))
      case .probes: groups += try probeFigures(request)
      case .annealing:
        let estimate = try annealedLikelihood(request.examples, request.annealing) { report("annealing", $0) }
        groups.append(annealingFigures(estimate, likelihood, request.annealing))
      }
    }
    return Findings(bound: bound, likelihood: likelihood, groups: groups)
  }

  private func check(_ request: Request) throws {
    if request.measures.contains(.samples) {
      guard trained.objective.hasPrior else {
        throw LatentError.usage(
          "A model that was trained for reconstruction alone draws no samples to compare",
          remedy: "Leave samples out of --measure")
      }
      guard request.features != .classifier || request.training.labels != nil else {
        throw LatentError.usage(
          "A classifier needs labels, which the data have not", remedy: "Give --features principal or pixels")
      }
    }
    if request.measures.contains(.annealing) { try checkAnnealing(request.annealing) }
  }

  // MARK: Groups

  private func boundFigures(
    _ bound: BoundEstimate, _ likelihood: LikelihoodEstimate?, _ bits: BitsPerDimension
  ) -> [Figure] {
    let isExact = !trained.model.specification.hasLatents
    var figures: [Figure] = []
    if likelihood != nil, !isExact {
      figures += [
        Figure(
          "elbo", "elbo", bound.elbo, error: bound.elboError, unit: "nats", note: "evidence lower bound, one sample"),
        Figure("rate", "rate", bound.rate, unit: "nats", note: "divergence of the posterior from the prior"),
      ]
    }
    if !isExact {
      figures.append(
        Figure("distortion", "distortion", bound.distortion, unit: "nats", note: "negative expected log-likelihood"))
    }
    guard let likelihood else { return figures }
    figures.append(
      Figure(
        "nll", "nll", likelihood.nll, error: likelihood.error, unit: "nats",
        note: isExact ? "exact, without latents" : "importance-weighted, \(likelihood.samples) samples"))
    figures += likelihood.bounds.map {
      Figure(
        "nll_at_\($0.samples)", "nll, K = \($0.samples)", $0.nll, unit: "nats", note: "the bound from fewer samples")
    }
    if let effective = likelihood.effectiveSamples, let drawError = likelihood.drawError {
      figures.append(
        Figure(
          "effective_samples", "effective K", effective,
          note: String(
            format: "samples that count after weighing, on average; ± %.2g of the nll is by the draws", drawError),
          digits: 1))
    }
    return figures + [
      Figure(
        "bits_per_dimension", "bits/dim", bits.perDimension(likelihood.nll), error: bits.error(likelihood.error),
        unit: "bits", note: bits.note)
    ]
  }

  private func latentFigures(_ examples: Examples) throws -> [FigureGroup] {
    guard trained.model.specification.hasLatents else { return [] }
    var groups: [FigureGroup] = []
    var figures: [Figure] = []
    if trained.model.specification.hasNormalPosterior, examples.count >= 2 {
      let parts = try decomposition(examples)
      let most = String(format: "%.2f", Foundation.log(Double(parts.examples)))
      figures += [
        Figure(
          "mutual_information", "mutual inf.", parts.mutualInformation.value, error: parts.mutualInformation.error,
          unit: "nats", note: "I_q(x; z), of these examples at most \(most)"),
        Figure(
          "total_correlation", "total corr.", parts.totalCorrelation.value, error: parts.totalCorrelation.error,
          unit: "nats", note: "how far the latents are from independent"),
        Figure(
          "dimension_wise_kl", "dim-wise kl", parts.dimensionWise, unit: "nats",
          note: parts.dimensionWise == nil
            ? "none: the prior is not of independent latents"
            : "what is left of the rate: each latent's average from its prior"),
      ]
    }
    if trained.model.specification.encoder.posterior.traits.isDisjoint(with: [.codes, .choices]), examples.count >= 2 {
      for (layer, units) in try activeUnits(examples).enumerated() {
        figures.append(
          Figure(
            layer == 0 ? "active_units" : "active_units_layer\(layer + 1)",
            layer == 0 ? "active units" : "layer \(layer + 1)", Double(units.count),
            note: "of \(units.variances.count), variance of the posterior mean above \(ActiveUnits.usualThreshold)",
            digits: 0))
      }
    }
    if !figures.isEmpty { groups.append(FigureGroup("latents", figures)) }
    if let rates = try latentRates(examples) {
      for (layer, layerRates) in rates.enumerated() {
        let order = layerRates.indices.sorted { layerRates[$0] > layerRates[$1] }.prefix(64)
        groups.append(
          FigureGroup(
            "rate of each latent\(rates.count > 1 ? " of layer \(layer + 1)" : ""), largest first, in nats",
            order.map {
              Figure(
                "rate_\(layer == 0 ? "" : "layer\(layer + 1)_")z\($0)", "z\($0)", layerRates[$0], unit: "nats",
                digits: 3)
            }))
      }
    }
    if let usage = try codeUsage(examples) {
      groups.append(
        FigureGroup(
          "codes",
          [
            Figure(
              "codes_used", "used", usage.usage, note: "share of all codes; \(usage.deadCodes) are never chosen",
              digits: 3),
            Figure(
              "code_perplexity", "perplexity", usage.perplexity, note: "exp of the entropy of the codes' frequencies",
              digits: 1),
          ]))
    }
    return groups
  }

  private func reconstructionFigures(_ examples: Examples) throws -> [FigureGroup] {
    guard let quality = try reconstructionQuality(examples) else { return [] }
    return [
      FigureGroup(
        "reconstruction by the posterior's mean, values from 0 to 1",
        [
          Figure("mse", "mse", quality.meanSquaredError, note: "mean squared error of a value", digits: 5),
          Figure("psnr", "psnr", quality.peakSignalToNoise, unit: "decibels", note: "averaged over the pictures"),
          Figure("ssim", "ssim", quality.structuralSimilarity, note: "window of 11 x 11, deviation 1.5", digits: 4),
          Figure(
            "ms_ssim", "ms-ssim", quality.multiScaleSimilarity, note: "over \(quality.scales) scales, as many as fit",
            digits: 4),
        ])
    ]
  }

  private func sampleFigures(_ request: Request) throws -> FigureGroup {
    let (examples, training) = request.plain ?? (request.examples, request.training)
    let quality = try sampleQuality(examples, in: request.features, training: training)
    let distances = quality.distances
    let space: String
    switch quality.features {
    case .pixels: space = "the values themselves"
    case .principal: space = "64 principal components of the examples"
    case .classifier: space = "64 features of a classifier trained here, not Inception's"
    }
    let key = quality.features.rawValue
    return FigureGroup(
      "\(quality.samples) samples against \(quality.examples) examples, by \(space)",
      [
        Figure("frechet_\(key)", "frechet", distances.frechet, note: "squared distance of Normals; no FID", digits: 3),
        Figure(
          "kernel_\(key)", "kernel", distances.kernel.value, error: distances.kernel.error,
          note: "squared discrepancy, cubic kernel", digits: 4),
        Figure(
          "precision_\(key)", "precision", distances.precision, note: "samples within reach of examples", digits: 3),
        Figure("recall_\(key)", "recall", distances.recall, note: "examples within reach of samples", digits: 3),
      ])
  }

  private func probeFigures(_ request: Request) throws -> [FigureGroup] {
    guard let probes = try codeProbes(request.examples, training: request.training) else { return [] }
    return [
      FigureGroup(
        "classes told from codes, learned from \(probes.known) training examples",
        [
          Figure("linear_probe", "linear", probes.linear, note: "share right, logistic regression", digits: 4),
          Figure(
            "nearest_codes", "nearest 10", probes.nearest, note: "share right, majority of the nearest codes", digits: 4
          ),
        ])
    ]
  }

  private func annealingFigures(
    _ estimate: LikelihoodEstimate, _ weighted: LikelihoodEstimate?, _ settings: AnnealingSettings
  ) -> FigureGroup {
    var figures = [
      Figure(
        "nll_annealed", "nll", estimate.nll, error: estimate.error, unit: "nats",
        note: "\(settings.chains) chains over \(settings.distributions) distributions")
    ]
    if let weighted {
      let difference = PairedDifference(estimate.values, weighted.values)
      figures.append(
        Figure(
          "annealed_less_weighted", "difference", difference.mean, error: difference.error, unit: "nats",
          note: "from the importance-weighted estimate, example by example", digits: 3))
    }
    return FigureGroup("annealed importance sampling, without the encoder", figures)
  }
}
