import Datasets
import Execution
import Optimizers
import TensorGraph
import VariationalAutoencoders

/// One program that takes a batch and moves the parameters: forward pass, bound, gradients, and update.
struct TrainingStep {
  /// Whose parameters a step moves.
  enum Part {
    case all
    /// What infers latents.
    case inference
    /// Everything else: what generates examples, and what an objective learns of its own.
    case generation
  }

  /// Sums over the batch, in nats.
  struct Sums {
    var rate = 0.0
    var distortion = 0.0
    /// What is maximised.
    var objective = 0.0

    var elbo: Double { -(rate + distortion) }

    static func += (left: inout Sums, right: Sums) {
      left.rate += right.rate
      left.distortion += right.distortion
      left.objective += right.objective
    }
  }

  let executable: any Executable
  let batchSize: Int
  private let inputs: NamedInputs
  private let condition: Condition
  private let schedule: ObjectiveSchedule

  init(
    _ recipe: TrainingRecipe, part: Part = .all, batchSize: Int, precision: Precision, backend: any Backend,
    store: VariableStore
  ) throws {
    let model = recipe.model
    let graph = Graph(matrixPrecision: precision.matrixType)
    let examples = graph.input("examples", shape: Shape([batchSize] + model.exampleShape))
    let learningRate = graph.input("learning rate", shape: .scalar)
    condition = model.specification.condition
    let given = condition.isOn ? graph.input("condition", shape: [batchSize, condition.size]) : nil
    schedule = ObjectiveSchedule(recipe.objective, in: graph)
    let prepared = examples.prepared(recipe.data)
    let loss = recipe.objective.loss(
      model, ExampleBatch(examples: prepared, condition: given), recipe.objectiveVariables, schedule,
      examples: recipe.examples)
    recipe.optimizer.minimize(loss.losses.restricted(to: part, of: model), learningRate: learningRate)
    let program = Program(
      graph: graph,
      outputs: [loss.terms.rate.sum(), loss.terms.distortion.sum(), loss.objective * Double(batchSize)])
    executable = try backend.compile(program, state: store)
    inputs = NamedInputs(executable)
    self.batchSize = batchSize
  }

  /// Puts in the batch, the learning rate, and what changes with the epochs gone by.
  func prepare(_ examples: Examples, _ batch: [Int], learningRate: Double, epochs: Double) {
    inputs.fill("examples") { examples.copy(batch, into: $0) }
    inputs.fill("learning rate") { $0[0] = Float(learningRate) }
    inputs.fill("condition") { _ = $0.update(fromContentsOf: examples.conditions(condition, batch)) }
    for (name, value) in zip(schedule.names, schedule.values(after: epochs)) {
      inputs.fill(name) { $0[0] = Float(value) }
    }
  }

  /// Runs the step on what was put in.
  func run(_ random: RandomState) throws -> Sums {
    try executable.run(random)
    return Sums(rate: scalar(0), distortion: scalar(1), objective: scalar(2))
  }

  private func scalar(_ index: Int) -> Double {
    executable.withOutput(index) { Double($0.load(as: Float.self)) }
  }
}

/// What training steps of a run have in common.
struct TrainingRecipe {
  let model: Model
  let objective: Objective
  let objectiveVariables: ObjectiveVariables
  let optimizer: OptimizerState
  let data: RunConfiguration.Data
  /// How many examples the training set has.
  let examples: Int

  /// Makes the model of a configuration and what belongs to its training.
  init(_ configuration: RunConfiguration, exampleShape: [Int], dataMean: [Float]? = nil, examples: Int) {
    model = Model(configuration.model, exampleShape: exampleShape, dataMean: dataMean)
    objective = configuration.objective
    objectiveVariables = objective.makeVariables(configuration.model)
    // Where the encoder takes steps alone, its steps must not count as the decoder's.
    let groups = configuration.lagging.maximumSteps > 0 ? ["inference": model.inferenceVariables] : [:]
    optimizer = OptimizerState(
      configuration.optimizer, over: model.variables + objectiveVariables.variables, groups: groups)
    data = configuration.data
    self.examples = examples
  }

  /// Everything that a checkpoint holds.
  var variables: [Variable] { model.variables + objectiveVariables.variables + optimizer.variables }
}

extension [(loss: Tensor, variables: [Variable])] {
  /// The losses over the parameters of a part of the model.
  fileprivate func restricted(to part: TrainingStep.Part, of model: Model) -> Self {
    let inference = Set(model.inferenceVariables)
    return switch part {
    case .all: self
    case .inference: map { (loss: $0.loss, variables: $0.variables.filter(inference.contains)) }
    case .generation: map { (loss: $0.loss, variables: $0.variables.filter { !inference.contains($0) }) }
    }
  }
}

extension Tensor {
  /// Examples with all that is drawn anew at every visit.
  fileprivate func prepared(_ data: RunConfiguration.Data) -> Tensor {
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
