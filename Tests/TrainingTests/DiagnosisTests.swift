import Foundation
import Latent
import LatentEvaluation
import TestSupport
import Testing

@testable import LatentTraining

/// Each rule fires on what it is about, and keeps silent beside it.
@Suite struct DiagnosisTests {
  private typealias Symptoms = Diagnosis.Symptoms

  /// Posteriors of so many latents, of which some have codes that vary.
  private static func collapse(active: Int, of latents: Int) throws -> CollapseReport {
    var stream = RandomStream(seed: 1, name: "codes")
    let means = (0..<400).flatMap { _ in (0..<latents).map { $0 < active ? Float(4 * stream.nextUniform() - 2) : 0 } }
    let logVariances = (0..<400).flatMap { _ in (0..<latents).map { $0 < active ? Float(-3) : 0 } }
    return try CollapseReport(
      NormalPosteriors(
        means: CodeMatrix(means, width: latents), logVariances: CodeMatrix(logVariances, width: latents)),
      rates: .standardNormal, seed: 1)
  }

  /// Bounds around a mean, with a deviation of 5 and 400 examples: an error of 0.25.
  private static func bounds(_ mean: Double) -> [Double] { (0..<400).map { mean + ($0 % 2 == 0 ? 5 : -5) } }

  struct Case: Sendable, CustomTestStringConvertible {
    let rule: Diagnosis.Rule
    let what: String
    /// The severity that it fires with, or `nil` for silence.
    let severity: Diagnosis.Severity?
    /// A part of what is said.
    let observation: String
    let symptoms: Diagnosis.Symptoms
    var testDescription: String { "\(rule.rawValue): \(what)" }
  }

  private static func row(
    _ rule: Diagnosis.Rule, _ what: String, _ severity: Diagnosis.Severity?, _ observation: String = "",
    _ change: (inout Diagnosis.Symptoms) throws -> Void
  ) rethrows -> Case {
    var symptoms = Diagnosis.Symptoms()
    try change(&symptoms)
    return Case(rule: rule, what: what, severity: severity, observation: observation, symptoms: symptoms)
  }

  static func cases() throws -> [Case] {
    [
      try row(.collapse, "no latent varies", .problem, "0 of 8 latents are active") {
        $0.collapse = try collapse(active: 0, of: 8)
      },
      try row(.collapse, "since an epoch", .problem, "The rate has been below 0.5 nats since epoch 3.") {
        $0.collapse = try collapse(active: 0, of: 8)
        $0.rates = [4, 0.6, 0.2, 0.1]
      },
      try row(.collapse, "since the first", .problem, "since the first epoch") {
        $0.collapse = try collapse(active: 0, of: 8)
        $0.rates = [0.3, 0.2, 0.1]
      },
      try row(.collapse, "half of the latents vary", nil) { $0.collapse = try collapse(active: 4, of: 8) },
      try row(.unusedLatents, "half of the latents vary", .note, "4 of 8 latents are out of use (z4, z5, z6, z7)") {
        $0.collapse = try collapse(active: 4, of: 8)
      },
      try row(.unusedLatents, "all latents vary", nil) { $0.collapse = try collapse(active: 8, of: 8) },
      row(.likelihood, "a warning of the family", .problem, "grey values") {
        $0.likelihoodWarning = "The data have grey values"
      },
      row(.likelihood, "no warning", nil) { $0.likelihoodWarning = "" },
      row(.likelihood, "a density that grows", .problem, "0.0001 of the data's range") {
        $0.likelihoodWarning = ""
        $0.likelihoodDeviation = 1e-4
      },
      row(.likelihood, "a deviation of a tenth", nil) {
        $0.likelihoodWarning = ""
        $0.likelihoodDeviation = 0.1
      },
      row(.overfitting, "a wide gap", .problem, "20.00 ± 0.35 nats above that of held-out ones") {
        ($0.trainingBounds, $0.heldOutBounds) = (bounds(-80), bounds(-100))
      },
      row(.overfitting, "a gap within chance", nil) {
        ($0.trainingBounds, $0.heldOutBounds) = (bounds(-99.2), bounds(-100))
      },
      row(.overfitting, "a gap that is real and small", nil) {
        ($0.trainingBounds, $0.heldOutBounds) = (bounds(-97), bounds(-100))
      },
      row(.overfitting, "a fall since the best epoch", .problem, "has fallen by 6.00 nats since epoch 20") {
        ($0.trainingBounds, $0.heldOutBounds) = (bounds(-97), bounds(-100))
        $0.heldOutEpochs = [(10, -110), (20, -94), (30, -97), (40, -100)]
      },
      row(.overfitting, "a fall of a run that stops early", nil) {
        ($0.trainingBounds, $0.heldOutBounds) = (bounds(-97), bounds(-100))
        $0.heldOutEpochs = [(10, -110), (20, -94), (30, -97), (40, -100)]
        $0.stopsEarly = true
      },
      row(.overfitting, "a wobble", nil) {
        ($0.trainingBounds, $0.heldOutBounds) = (bounds(-99), bounds(-100))
        $0.heldOutEpochs = [(1, -110), (2, -99.5), (3, -100.2), (4, -100)]
      },
      row(.hole, "codes beside the prior", .problem, "at least 8.00 nats from the prior") {
        ($0.rate, $0.informationBound) = (30, 22)
      },
      row(.hole, "codes that tell what they cost", nil) { ($0.rate, $0.informationBound) = (30, 29) },
      row(.hole, "an informative code with a bound above the rate", nil) { ($0.rate, $0.informationBound) = (30, 33) },
      row(.saturatedVariances, "a tenth at the ends", .problem, "10.0 %") { $0.saturatedShare = 0.1 },
      row(.saturatedVariances, "a few of many", nil) { $0.saturatedShare = 0.001 },
      row(.deadCodes, "most codes never chosen", .problem, "80 % of 512 codes are never chosen in 100000 choices") {
        ($0.codesUsed, $0.codes, $0.choices) = (0.2, 512, 100_000)
      },
      row(.deadCodes, "most codes chosen", nil) { ($0.codesUsed, $0.codes, $0.choices) = (0.8, 512, 100_000) },
      row(.deadCodes, "too few choices to tell", nil) { ($0.codesUsed, $0.codes, $0.choices) = (0.2, 512, 1000) },
      row(.precision, "a bound that moves", .problem, "-3.00 nats off -100.00") {
        ($0.precisionDifference, $0.exactBound) = (-3, -100)
      },
      row(.precision, "a bound that hardly moves", nil) { ($0.precisionDifference, $0.exactBound) = (0.3, -100) },
      row(.precision, "a large bound that moves by a little", nil) {
        ($0.precisionDifference, $0.exactBound) = (2, -3000)
      },
    ]
  }

  @Test func rulesFireAndKeepSilent() throws {
    let cases = try Self.cases()
    for rule in Diagnosis.Rule.allCases {
      #expect(cases.contains { $0.rule == rule && $0.severity != nil }, "\(rule) never fires")
      #expect(cases.contains { $0.rule == rule && $0.severity == nil }, "\(rule) never keeps silent")
    }
    for row in cases {
      let diagnosis = Diagnosis(row.symptoms)
      // Too few choices say nothing of codes either way.
      #expect(diagnosis.examined.contains(row.rule) != row.what.hasPrefix("too few"), "\(row.testDescription)")
      let finding = diagnosis.findings.first { $0.rule == row.rule }
      #expect(finding?.severity == row.severity, "\(row.testDescription): \(String(describing: finding))")
      #expect(
        finding.map { $0.observation.contains(row.observation) && !$0.remedy.isEmpty } ?? true,
        "\(row.testDescription): \(String(describing: finding))")
    }
  }

  @Test func withoutFiguresNothingIsExamined() {
    let diagnosis = Diagnosis(Symptoms())
    #expect(diagnosis.findings.isEmpty && diagnosis.examined.isEmpty)
  }

  @Test func problemsComeFirst() throws {
    var symptoms = Symptoms()
    symptoms.collapse = try Self.collapse(active: 4, of: 8)
    symptoms.saturatedShare = 0.5
    #expect(Diagnosis(symptoms).findings.map(\.rule) == [.saturatedVariances, .unusedLatents])
  }

  /// A healthy run has nothing wrong, and one whose rate costs a thousand times as much has collapsed.
  @Test func runsAreDiagnosedByTheirOwnFigures() throws {
    let examples = try smallImages(400)
    func diagnosis(_ objective: Objective) throws -> Diagnosis {
      var configuration = RunConfiguration(
        model: smallModel(latents: 2), objective: objective, optimizer: .adam(learningRate: 5e-3), batchSize: 50,
        epochs: 20, seed: 1)
      configuration.data.binarization = .stochastic
      configuration.data.validation = 100
      let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: examples))
      var metrics: [EpochMetrics] = []
      try trainer.run { if case .metrics(let figures) = $0 { metrics.append(figures) } }
      let prepared = configuration.data.prepared(examples)
      return try Evaluator(trainer.trained, seed: 1).diagnosis(
        .init(
          training: prepared.prefix(300), heldOut: prepared.selecting(Array(300..<400)), configuration: configuration,
          metrics: metrics))
    }
    let healthy = try diagnosis(.elbo())
    #expect(healthy.findings.isEmpty, "\(healthy.findings)")
    #expect(healthy.examined.isSuperset(of: [.collapse, .likelihood, .overfitting, .hole, .saturatedVariances]))
    var costly = Objective.elbo()
    costly.beta = .constant(1000)
    let collapsed = try diagnosis(costly)
    #expect(collapsed.findings.first?.rule == .collapse, "\(collapsed.findings)")
    #expect(collapsed.findings.first?.observation.contains("nats since") == true, "\(collapsed.findings)")
  }
}
