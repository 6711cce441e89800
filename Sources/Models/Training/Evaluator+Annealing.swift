import Foundation
import LatentDatasets
import LatentDiagnostics
import LatentDifferentiation
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

/// How annealed importance sampling goes from the prior to the posterior.
public struct AnnealingSettings: Hashable, Sendable {
  /// How many distributions lie between prior and posterior, both ends included, at least 2.
  public var distributions: Int
  /// How many chains each example has, which are averaged over.
  public var chains: Int
  /// How many leapfrog steps a proposal goes.
  public var leapfrogSteps: Int

  /// Settings with 10 leapfrog steps, as in the paper.
  public init(distributions: Int = 500, chains: Int = 10, leapfrogSteps: Int = 10) {
    self.distributions = distributions
    self.chains = chains
    self.leapfrogSteps = leapfrogSteps
  }

  /// Refuses numbers that make no chain.
  func validate() throws {
    guard (2...1_000_000).contains(distributions), (1...10_000).contains(chains), (1...1000).contains(leapfrogSteps)
    else {
      throw LatentError.usage(
        "Annealing cannot go over \(distributions) distributions with \(chains) chains of \(leapfrogSteps) leapfrog steps",
        remedy: "Give 2 distributions or more, and 1 chain and 1 step or more")
    }
  }

  /// The weights of the likelihood: a logistic curve from 0 to 1, which is slow at both ends (Wu et al. 2017, section 4.1).
  var schedule: [Double] {
    let raw = (0..<distributions).map { place in
      1 / (1 + Foundation.exp(-(8 * Double(place) / Double(distributions - 1) - 4)))
    }
    let (low, high) = (raw[0], raw[raw.count - 1])
    return raw.map { ($0 - low) / (high - low) }
  }
}

extension Evaluator {
  /// The negative log-likelihood by annealed importance sampling: chains go from the prior to the posterior by Hamiltonian Monte
  /// Carlo, with distributions between the two that weigh the likelihood more and more.
  ///
  /// It asks the decoder and the prior alone, so that it stands beside `negativeLogLikelihood` as a check that does not rest on
  /// the encoder. Its expectation is no lower than the truth. A proposal's length follows the share that is accepted, 0.65.
  ///
  /// Source: Neal, "Annealed Importance Sampling" (2001); Wu, Burda, Salakhutdinov, Grosse, "On the Quantitative Analysis of
  /// Decoder-Based Generative Models" (2017).
  ///
  /// - Throws: `LatentError` for models whose latents are no numbers with a density, or lie in several layers.
  public func annealedLikelihood(
    _ examples: Examples, _ settings: AnnealingSettings = AnnealingSettings(), report: (Double) -> Void = { _ in }
  ) throws -> LikelihoodEstimate {
    try checkAnnealing(settings)
    let batchSize = max(1, min(examples.count, Self.latentsAtOnce / settings.chains))
    var values: [Double] = []
    let (generator, total) = (Generator(trained), Double(examples.count))
    let conditions = try generator.conditions(of: examples)
    let width = generator.condition.isOn ? generator.condition.size : 0
    var chains: AnnealingChains?
    for range in examples.chunks(of: batchSize) {
      if chains?.count != range.count { chains = try AnnealingChains(trained, settings, examples: range.count) }
      let rows = Array(conditions[(range.lowerBound * width)..<(range.upperBound * width)])
      values +=
        try chains?.run(examples, range, conditions: rows, seed: derivedSeed(seed, "annealing \(range.lowerBound)")) {
          report((Double(range.lowerBound) + Double(range.count) * $0) / total)
        } ?? []
    }
    return LikelihoodEstimate(values, samples: settings.chains)
  }
}

extension Evaluator {
  /// Refuses what cannot be annealed.
  func checkAnnealing(_ settings: AnnealingSettings) throws {
    try settings.validate()
    let specification = trained.model.specification
    let posterior = specification.encoder.posterior.traits
    guard trained.objective.hasBound, specification.hierarchy.layers.isEmpty, specification.hasLatents,
      posterior.isDisjoint(with: [.codes, .choices, .point]), !specification.isDrawn
    else {
      throw LatentError.usage(
        "Annealing moves along gradients of one layer of latents, which this model has not",
        remedy: "Leave out annealing; the importance-weighted likelihood stands by itself")
    }
  }
}

/// Chains of some examples, all moved by one program.
private final class AnnealingChains {
  let count: Int
  private let settings: AnnealingSettings
  private let width: Int
  private let executable: any Executable
  private let inputs: NamedInputs
  private let start: any Executable
  private let startInputs: NamedInputs

  /// The share of proposals that the length of the next ones aims at.
  private static let wantedShare: Float = 0.65

  init(_ trained: TrainedModel, _ settings: AnnealingSettings, examples count: Int) throws {
    let model = trained.model
    (self.count, self.settings, width) = (count, settings, model.latents)
    let chains = settings.chains
    let graph = trained.graph()
    let x = graph.input("batch", shape: Shape([count] + model.exampleShape))
    let condition = model.specification.condition
    let given = condition.isOn ? graph.input("condition", shape: [count, condition.size]) : nil
    let first = graph.input("latents", shape: [chains, count, model.latents])
    let weight = graph.input("weight", shape: [])
    let length = graph.input("length", shape: [chains, count, 1])
    guard let prior = model.prior(count: count, condition: given, in: graph) else {
      throw LatentError.usage("The model's prior is not in one piece", remedy: "Leave out annealing")
    }
    func likelihood(_ z: Tensor) -> Tensor { model.logLikelihood(x, z, condition: given, mode: .inference) }
    func height(_ z: Tensor) -> Tensor { prior.logProbability(z) + likelihood(z) * weight }
    func slope(_ z: Tensor) -> Tensor { gradient(of: height(z).sum(), withRespectTo: [z])[0] }

    let momentum = graph.random(.normal, shape: first.shape)
    var (z, p) = (first, momentum + slope(first) * length * 0.5)
    for step in 1...settings.leapfrogSteps {
      z = z + p * length
      p = p + slope(z) * length * (step == settings.leapfrogSteps ? 0.5 : 1)
    }
    let before = height(first) - momentum.squared().sum([-1]) * 0.5
    let after = height(z) - p.squared().sum([-1]) * 0.5
    let chance = graph.random(.uniform, shape: [chains, count]).maximum(1e-30).log()
    // A step that leaves the finite numbers is refused, as a comparison with what is no number is.
    let isAccepted = chance.compare(.less, after - before)
    let moved = isAccepted.reshape([chains, count, 1]).broadcast(to: first.shape).select(z, first)
    let share = isAccepted.converted(to: .float32)
    executable = try trained.backend.compile(
      Program(graph: graph, outputs: [moved, share, likelihood(moved)], assignments: []), state: trained.store)
    inputs = NamedInputs(executable)

    let beginning = trained.graph()
    let x0 = beginning.input("batch", shape: Shape([count] + model.exampleShape))
    let given0 = condition.isOn ? beginning.input("condition", shape: [count, condition.size]) : nil
    let draws = (0..<chains).map { _ in
      model.generate(count, condition: given0, in: beginning).reshape([1, count, model.latents])
    }
    let drawn = Tensor.concatenate(draws, dimension: 0)
    start = try trained.backend.compile(
      Program(
        graph: beginning, outputs: [drawn, model.logLikelihood(x0, drawn, condition: given0, mode: .inference)],
        assignments: []), state: trained.store)
    startInputs = NamedInputs(start)
  }

  /// -log p(x) of each example of a range.
  func run(
    _ examples: Examples, _ range: Range<Int>, conditions: [Float], seed: UInt64, report: (Double) -> Void
  ) throws -> [Double] {
    for named in [inputs, startInputs] {
      try named.fill("batch") { try examples.copyRange(range, into: $0) }
      named.fill("condition") { _ = $0.update(fromContentsOf: conditions) }
    }
    try start.run(RandomState(seed: seed, step: 0))
    var latents = start.output(0).floats
    var likelihoods = start.output(1).doubles
    var weights = [Double](repeating: 0, count: settings.chains * count)
    var lengths = [Float](repeating: 0.1, count: settings.chains * count)
    let schedule = settings.schedule
    for step in 1..<schedule.count {
      for place in weights.indices { weights[place] += (schedule[step] - schedule[step - 1]) * likelihoods[place] }
      // After the last distribution nothing is asked of the chains any more.
      if step == schedule.count - 1 { break }
      inputs.fill("latents") { _ = $0.update(fromContentsOf: latents) }
      inputs.fill("weight") { $0[0] = Float(schedule[step]) }
      inputs.fill("length") { _ = $0.update(fromContentsOf: lengths) }
      try executable.run(RandomState(seed: seed, step: UInt64(step)))
      latents = executable.output(0).floats
      likelihoods = executable.output(2).doubles
      for (place, share) in executable.output(1).floats.enumerated() {
        lengths[place] = min(max(lengths[place] * (1 + 0.05 * (share - Self.wantedShare)), 1e-4), 2)
      }
      report(Double(step) / Double(schedule.count))
    }
    return (0..<count).map { example in
      var sum = RunningLogSumExp()
      for chain in 0..<settings.chains { sum.add(weights[chain * count + example]) }
      return Foundation.log(Double(settings.chains)) - sum.value
    }
  }
}
