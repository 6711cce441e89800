import Foundation
import LatentEvaluation

/// What seems to be wrong with a trained model: what was seen, the number behind it, and the option that would mend it.
///
/// Each rule keeps silent where its number leaves room for chance: a false alarm costs more than a missed one.
public struct Diagnosis: Hashable, Sendable {
  /// What is looked for.
  public enum Rule: String, Hashable, Sendable, CaseIterable {
    /// The posterior has become the prior: the code says next to nothing.
    case collapse
    /// Some latents are out of use.
    case unusedLatents = "unused-latents"
    /// The likelihood is about other values than the data have.
    case likelihood
    /// Held-out examples have a worse bound than those trained on, or than they had.
    case overfitting
    /// Codes together lie elsewhere than the prior.
    case hole
    /// Variances are at the ends of what they can be.
    case saturatedVariances = "saturated-variances"
    /// Many codes of a codebook are never chosen.
    case deadCodes = "dead-codes"
    /// Figures in bfloat16 differ from those in float32.
    case precision
  }

  /// How much it matters.
  public enum Severity: String, Hashable, Sendable {
    /// It spoils what the model is for.
    case problem
    /// It is worth knowing.
    case note
  }

  /// One thing that was seen.
  public struct Finding: Hashable, Sendable {
    /// What was looked for.
    public let rule: Rule
    /// How much it matters.
    public let severity: Severity
    /// What was seen, with its number.
    public let observation: String
    /// What would mend it.
    public let remedy: String
  }

  /// What was seen, problems first.
  public let findings: [Finding]
  /// What was looked for; rules that the model gives no figures for are not among them.
  public let examined: Set<Rule>

  /// Goes through all rules.
  public init(_ symptoms: Symptoms) {
    var findings: [Finding] = []
    var examined: Set<Rule> = []
    for (rule, examine) in Self.rules {
      guard let result = examine(symptoms) else { continue }
      examined.formUnion(rule)
      findings += result
    }
    self.findings = findings.filter { $0.severity == .problem } + findings.filter { $0.severity == .note }
    self.examined = examined
  }

  /// The figures that rules go by; `nil` where a model has no such figure.
  public struct Symptoms: Sendable {
    /// How far the posterior has collapsed.
    public var collapse: CollapseReport?
    /// The rate of each epoch's training figures, the first epoch first.
    public var rates: [Double] = []
    /// What the likelihood says of the data's values; an empty text for nothing.
    public var likelihoodWarning: String?
    /// The bound of examples trained on, and of held-out ones, example by example.
    public var trainingBounds: [Double]?, heldOutBounds: [Double]?
    /// The bound of held-out examples after the epochs at which it was measured.
    public var heldOutEpochs: [(epoch: Int, elbo: Double)] = []
    /// The rate, and the most that it can be explained by what codes tell about their examples, in nats.
    public var rate: Double?, informationBound: Double?
    /// The share of posterior log-variances that are within a tenth of their limits.
    public var saturatedShare: Double?
    /// The standard deviation of a Normal likelihood that has one for all values, relative to the data's range.
    public var likelihoodDeviation: Double?
    /// The share of codes that were chosen, how many codes there are, and how many choices were made.
    public var codesUsed: Double?, codes = 0, choices = 0
    /// The mean bound in bfloat16 less that in float32, and the latter.
    public var precisionDifference: Double?, exactBound = 0.0
    /// Whether the run stops early already.
    public var stopsEarly = false

    /// No figures.
    public init() {}
  }

  // MARK: Rules

  private typealias Examination = @Sendable (Symptoms) -> [Finding]?

  private static let rules: [(Set<Rule>, Examination)] = [
    ([.collapse, .unusedLatents], collapse), ([.likelihood], likelihood), ([.overfitting], overfitting),
    ([.hole], hole), ([.saturatedVariances], saturation), ([.deadCodes], deadCodes), ([.precision], precision),
  ]

  private static func collapse(_ symptoms: Symptoms) -> [Finding]? {
    guard let report = symptoms.collapse else { return nil }
    let unused = report.units.indices.filter { !report.units[$0].isActive }
    switch report.verdict {
    case .none: return []
    case .collapsed:
      return [
        Finding(
          rule: .collapse, severity: .problem, observation: report.explanation + since(symptoms.rates),
          remedy:
            "Let the rate cost less at first: --set objective.beta.kind=linear --set objective.beta.epochs=10; or give "
            + "each latent some for nothing: --set objective.freeBits.nats=0.5; or use a weaker decoder")
      ]
    case .partly:
      return [
        Finding(
          rule: .unusedLatents, severity: .note,
          observation:
            "\(unused.count) of \(report.units.count) latents are out of use (\(listed(unused))): the variance of "
            + "their posterior means is at most \(report.threshold)",
          remedy:
            "Nothing need be done: a model with --set model.prior.dimensions=\(report.activeCount) would be as good; for "
            + "more active latents give --set objective.freeBits.nats=0.5")
      ]
    }
  }

  /// Since when the rate has been next to nothing.
  private static func since(_ rates: [Double]) -> String {
    let limit = 0.5
    guard let last = rates.last, last < limit else { return "" }
    let first = (rates.lastIndex { $0 >= limit } ?? -1) + 1
    return first == 0
      ? " The rate has been below \(limit) nats since the first epoch."
      : " The rate has been below \(limit) nats since epoch \(first + 1)."
  }

  private static func listed(_ latents: [Int]) -> String {
    latents.prefix(8).map { "z\($0)" }.joined(separator: ", ") + (latents.count > 8 ? ", ..." : "")
  }

  private static func likelihood(_ symptoms: Symptoms) -> [Finding]? {
    guard let warning = symptoms.likelihoodWarning else { return nil }
    var findings: [Finding] = []
    if !warning.isEmpty {
      findings.append(
        Finding(
          rule: .likelihood, severity: .problem, observation: warning,
          remedy: "`latent data info` lists the likelihoods that fit the data"))
    }
    if let deviation = symptoms.likelihoodDeviation, deviation < 1e-3 {
      findings.append(
        Finding(
          rule: .likelihood, severity: .problem,
          observation: String(
            format:
              "The likelihood's standard deviation is %.2g of the data's range: the density grows without bound where "
              + "values repeat", deviation),
          remedy: "Add noise to grey levels with --dequantize, or fix the deviation with "
            + "--set model.decoder.likelihood.variance=fixed"))
    }
    return findings
  }

  private static func overfitting(_ symptoms: Symptoms) -> [Finding]? {
    guard let training = symptoms.trainingBounds, let heldOut = symptoms.heldOutBounds, training.count > 1,
      heldOut.count > 1
    else { return nil }
    let gap = training.mean - heldOut.mean
    let error = (pow(training.standardError, 2) + pow(heldOut.standardError, 2)).squareRoot()
    // Five errors, and enough to matter: a twentieth of the bound.
    let isWide = gap > 5 * error && gap > 0.05 * abs(heldOut.mean)
    let epochs = symptoms.heldOutEpochs
    let best = epochs.max { $0.elbo < $1.elbo }
    let last = epochs.last?.elbo ?? 0
    let fall = best.map { $0.elbo - last } ?? 0
    let hasFallen = fall > 3 * heldOut.standardError && fall > 0.02 * abs(last) && !symptoms.stopsEarly
    guard isWide || hasFallen else { return [] }
    var observation = String(
      format: "Examples trained on have a bound %.2f ± %.2f nats above that of held-out ones", gap, error)
    if hasFallen, let best {
      observation += String(format: ", whose bound has fallen by %.2f nats since epoch %d", fall, best.epoch)
    }
    return [
      Finding(
        rule: .overfitting, severity: .problem, observation: observation,
        remedy:
          "Stop where held-out examples are best: --validation N --set patience=10; or use more data, or a smaller model"
      )
    ]
  }

  private static func hole(_ symptoms: Symptoms) -> [Finding]? {
    guard let rate = symptoms.rate, let information = symptoms.informationBound else { return nil }
    // The rate is what codes tell about their examples and how far all of them together are from the prior.
    let divergence = rate - information
    guard divergence > 2, divergence > 0.15 * rate else { return [] }
    return [
      Finding(
        rule: .hole, severity: .problem,
        observation: String(
          format:
            "Codes together are at least %.2f nats from the prior, of a rate of %.2f: draws from the prior fall where no "
            + "code is", divergence, rate),
        remedy:
          "Sample with --sampler gmm or --sampler flow, or train a learned prior: the presets vamp-prior, realnvp-prior"
      )
    ]
  }

  private static func saturation(_ symptoms: Symptoms) -> [Finding]? {
    guard let share = symptoms.saturatedShare else { return nil }
    guard share > 0.01 else { return [] }
    return [
      Finding(
        rule: .saturatedVariances, severity: .problem,
        observation: String(
          format:
            "%.1f %% of the posterior's log-variances are at the ends of their range, -20 and 20, where they learn no more",
          100 * share),
        remedy: "Lower --learning-rate, clip gradients with --set optimizer.clipNorm=1, or bring the data to one scale")
    ]
  }

  private static func deadCodes(_ symptoms: Symptoms) -> [Finding]? {
    // Too few choices leave codes out by chance: of K codes chosen alike, n choices miss the share exp(-n / K).
    guard let used = symptoms.codesUsed, symptoms.choices >= 5 * symptoms.codes else { return nil }
    guard used < 0.5 else { return [] }
    return [
      Finding(
        rule: .deadCodes, severity: .problem,
        observation: String(
          format: "%.0f %% of %d codes are never chosen in %d choices", 100 * (1 - used), symptoms.codes,
          symptoms.choices),
        remedy:
          "Replace dead codes: --set model.encoder.posterior.quantizer.deadBelow=1; or use sim-vq or fsq, or fewer codes"
      )
    ]
  }

  private static func precision(_ symptoms: Symptoms) -> [Finding]? {
    guard let difference = symptoms.precisionDifference else { return nil }
    guard abs(difference) > 0.5, abs(difference) > 0.005 * abs(symptoms.exactBound) else { return [] }
    return [
      Finding(
        rule: .precision, severity: .problem,
        observation: String(
          format: "In bfloat16 the bound is %.2f nats off %.2f, that of float32 with the same noise", difference,
          symptoms.exactBound),
        remedy: "Measure and train with --precision f32")
    ]
  }
}
