import LatentDatasets
import LatentExecution
import LatentTensorGraph

/// One program that takes a batch and moves parameters: forward pass, losses, gradients, and update.
struct TrainingStep {
  let executable: any Executable
  private let inputs: NamedInputs
  private let given: [(name: String, values: (StepMoment) -> [Float])]

  /// - Parameters:
  ///   - optimizer: what moves the variables; `nil` for a step that measures alone.
  ///   - part: the variables that are moved; `nil` for all.
  init(
    _ model: some TrainableModel, _ optimizer: ModelOptimizer?, part: TrainingPart? = nil, in graph: Graph,
    batchSize: Int, exampleShape: [Int], backend: any Backend, store: VariableStore
  ) throws {
    let examples = graph.input("examples", shape: Shape([batchSize] + exampleShape))
    let trace = StepTrace(examples: examples, mode: optimizer == nil ? .inference : .training)
    let step = model.step(trace)
    let losses = part.map { part in step.losses.map { ($0.loss, $0.variables.filter(part.contains)) } } ?? step.losses
    optimizer?.minimize(losses, in: graph)
    executable = try backend.compile(Program(graph: graph, outputs: step.sums), state: store)
    inputs = NamedInputs(executable)
    given = trace.inputs
  }

  /// Puts in the batch, the learning rates, and what else the model asked for.
  func prepare(_ moment: StepMoment, rates: [(name: String, value: Double)] = []) throws {
    try inputs.fill("examples") { try moment.examples.copy(moment.batch, into: $0) }
    for (name, value) in rates { inputs.fill(name) { $0[0] = Float(value) } }
    for (name, values) in given { inputs.fill(name) { _ = $0.update(fromContentsOf: values(moment)) } }
  }

  /// Runs the step on what was put in.
  func run(_ random: RandomState) throws -> [Double] {
    try executable.run(random)
    return executable.program.outputs.indices.flatMap { index in
      executable.withOutput(index) { $0.bindMemory(to: Float.self).map(Double.init) }
    }
  }
}

/// A model's weights as they stand, for a model that is measured while it trains.
public struct TrainedWeights {
  /// The values of the model's variables.
  public let store: VariableStore
  /// What compiles and runs programs.
  public let backend: any Backend
  /// Running averages that are used in place of variables.
  public let averages: [Variable: Variable]
  /// The seed of the run.
  public let seed: UInt64

  /// The sums of a model's step over examples, with the averages in place of the weights if there are any, in batches of up to 500.
  public func sums(of model: some TrainableModel, over examples: Examples) throws -> [Double] {
    var (steps, sums): ([Int: TrainingStep], [Double]) = ([:], [])
    for (index, start) in stride(from: 0, to: examples.count, by: 500).enumerated() {
      let batch = Array(start..<min(examples.count, start + 500))
      let step =
        try steps[batch.count]
        ?? TrainingStep(
          model, nil, in: Graph(substituting: averages), batchSize: batch.count, exampleShape: examples.shape,
          backend: backend, store: store)
      steps[batch.count] = step
      try step.prepare(StepMoment(examples: examples, batch: batch, epochs: .greatestFiniteMagnitude))
      let random = RandomState(seed: derivedSeed(seed, "evaluation"), step: UInt64(index))
      let part = try step.run(random)
      sums = sums.isEmpty ? part : zip(sums, part).map { $0 + $1 }
    }
    return sums
  }
}
