import LatentDatasets
import LatentEvaluation
import LatentExecution
import LatentOptimizers
import LatentTensorGraph
import LatentVariationalAutoencoders

/// A variational autoencoder as something that is trained: a configuration with its model.
public final class AutoencoderTask: TrainableModel {
  /// What decides the run, completed with what the data say.
  package let configuration: RunConfiguration
  /// The model with its variables.
  public let model: Model
  private let objectiveVariables: ObjectiveVariables
  /// How many examples the training set has.
  private let examples: Int
  /// Gives the examples whose information ends aggressive training; without them it does not end.
  private let watch: (() throws -> Examples)?
  /// Those examples, once they have been asked for.
  private var watched: Examples?

  init(
    _ configuration: RunConfiguration, exampleShape: [Int], dataMean: [Float]? = nil, examples: Int,
    watching watch: (() throws -> Examples)? = nil
  ) {
    self.configuration = configuration
    model = Model(configuration.model, exampleShape: exampleShape, dataMean: dataMean)
    objectiveVariables = configuration.objective.makeVariables(configuration.model)
    self.examples = examples
    self.watch = watch
  }

  /// Those of the model and of its objective.
  public var variables: [Variable] { model.variables + objectiveVariables.variables }

  /// Where the encoder takes steps alone, its steps must not count as the decoder's.
  public var parameterGroups: [ParameterGroup] {
    configuration.lagging.maximumSteps > 0 ? [ParameterGroup("inference", model.inferenceVariables)] : []
  }

  /// All that an autoencoder can be measured by.
  static let metrics = [
    Metric("elbo", isBetterLarger: true), Metric("rate"), Metric("distortion"),
    Metric("objective", isBetterLarger: true),
  ]

  /// What codes are measured by besides.
  static let codeMetrics = [
    Metric("perplexity", unit: "codes", isBetterLarger: true),
    Metric("usage", unit: "share of the codes", isBetterLarger: true), Metric("deadCodes", unit: "codes"),
  ]

  /// The bound and its parts, and in training what is maximised, where that is not the bound; without a bound the
  /// distortion comes first.
  ///
  /// Where the prior alone is trained the rate comes first, which is all that changes.
  public var metrics: [Metric] {
    let all = Self.metrics
    if configuration.isSecondStage { return [all[1], all[0], all[2]] }
    let usual = configuration.objective.hasBound ? all : [all[2], all[1], all[3]]
    return model.codebooks.isEmpty ? usual : usual + Self.codeMetrics
  }

  /// After how many epochs the objective's schedules have ended; of a prior alone it is always the rate that is minimised.
  public var warmUpEpochs: Double { configuration.isSecondStage ? 0 : configuration.objective.warmUpEpochs }

  /// Adds the objective's losses on a batch, prepared as the configuration says.
  public func step(_ trace: StepTrace) -> TracedStep {
    let objective = configuration.objective
    let condition = configuration.model.condition
    let given =
      condition.isOn
      ? trace.input("condition", shape: [trace.count, condition.size]) { $0.examples.conditions(condition, $0.batch) }
      : nil
    let schedule = ObjectiveSchedule(objective) { name, schedule in
      trace.input(name, shape: .scalar) { [Float(schedule.value(after: $0.epochs))] }
    }
    let batch = ExampleBatch(examples: trace.examples.prepared(configuration.data), condition: given)
    if configuration.isSecondStage {
      let rate = model.rate(batch, objective.estimator, priorMode: trace.mode)
      return TracedStep(losses: [(rate.mean(), model.priorVariables)], sums: [rate.sum()])
    }
    let loss = objective.loss(model, batch, objectiveVariables, schedule, examples: examples)
    return TracedStep(
      losses: loss.losses,
      sums: [loss.terms.rate.sum(), loss.terms.distortion.sum(), loss.objective * Double(trace.count)]
        + (loss.codes.map { [model.histogram(ofCodes: $0)] } ?? []))
  }

  /// The metrics from the sums of rate, distortion, and objective, and how often each code was chosen.
  public func figures(_ sums: [Double], examples: Int, isTraining: Bool) -> [Double?] {
    let count = Double(examples)
    if configuration.isSecondStage { return [sums[0] / count, nil, nil] }
    let isObjectiveShown = isTraining && !configuration.objective.isPlainBound
    return figures(
      rate: sums[0] / count, distortion: sums[1] / count, elbo: -(sums[0] + sums[1]) / count,
      objective: isObjectiveShown ? sums[2] / count : nil,
      codes: model.codebooks.isEmpty ? nil : CodeUsage(Array(sums.dropFirst(3)), codebooks: model.codebooksByLevel))
  }

  private func figures(
    rate: Double, distortion: Double, elbo: Double, objective: Double?, codes: CodeUsage?
  ) -> [Double?] {
    let usual = configuration.objective.hasBound ? [elbo, rate, distortion, objective] : [distortion, rate, objective]
    return usual + (codes.map { [$0.perplexity, $0.usage, Double($0.deadCodes)] } ?? [])
  }

  /// The bound of the examples, without what the objective adds to it.
  public func evaluate(_ examples: Examples, _ weights: TrainedWeights) throws -> [Double?] {
    let evaluator = Evaluator(trained(weights), seed: configuration.seed)
    let bound = try evaluator.bound(examples)
    if configuration.isSecondStage { return [bound.rate, bound.elbo, bound.distortion] }
    return figures(
      rate: bound.rate, distortion: bound.distortion, elbo: bound.elbo, objective: nil,
      codes: try evaluator.codeUsage(examples))
  }

  /// The model with its weights as they stand.
  func trained(_ weights: TrainedWeights) -> TrainedModel {
    TrainedModel(
      model: model, objective: configuration.objective, store: weights.store, backend: weights.backend,
      averages: weights.averages)
  }

  /// Lets the encoder alone take steps on batches drawn at random until what is maximised stops growing.
  public func prepareStep(_ driver: StepDriver, _ progress: inout TrainingProgress) throws -> TrainingPart? {
    guard configuration.lagging.maximumSteps > 0, !progress.lagging.isOver else { return nil }
    try configuration.lagging.trainAhead(driver, &progress.lagging, part("inference") { $0 })
    return part("generation") { !$0 }
  }

  private func part(_ name: String, _ isPart: @escaping (_ infers: Bool) -> Bool) -> TrainingPart {
    let inference = Set(model.inferenceVariables)
    return TrainingPart(name) { isPart(inference.contains($0)) }
  }

  /// Ends aggressive training when the latents have stopped learning more about the examples.
  public func finishEpoch(_ weights: TrainedWeights, _ progress: inout TrainingProgress) throws {
    guard configuration.lagging.maximumSteps > 0, !progress.lagging.isOver, let examples = try watched ?? watch?()
    else {
      return
    }
    watched = examples
    let information = try Evaluator(trained(weights), seed: configuration.seed).posteriors(examples).informationBound
    if information <= progress.lagging.information { progress.lagging.isOver = true }
    progress.lagging.information = information
  }

  /// Writes the configuration.
  public func describe(to folder: RunFolder, _ settings: TrainingSettings) throws { try folder.write(configuration) }
}

extension Tensor {
  /// Examples with all that is drawn anew at every visit.
  fileprivate func prepared(_ data: RunConfiguration.DataSettings) -> Tensor {
    if data.binarization == .stochastic { return binarized() }
    guard data.dequantization == .uniform else { return self }
    return graph.scope("dequantize") {
      (self * Double(Examples.greyDivisor) + graph.random(.uniform, shape: shape, type: type)) / 256
    }
  }

  /// Ones with these probabilities, else zeros; fresh at every run.
  func binarized() -> Tensor {
    graph.scope("binarize") {
      graph.random(.uniform, shape: shape, type: type).compare(.less, self).converted(to: type)
    }
  }
}
