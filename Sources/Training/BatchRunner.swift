import Datasets
import Execution
import TensorGraph
import VariationalAutoencoders

/// A computation on batches [N, ...] of any size, and on what they are conditioned on: one program for each size that
/// occurs, made when it first does.
final class BatchRunner {
  private let trained: TrainedModel
  private let shape: [Int]
  private let build: (Tensor, Tensor?) -> [Tensor]
  private var executables: [Int: any Executable] = [:]

  /// - Parameters:
  ///   - trained: the weights and where to run.
  ///   - shape: the shape of one row of the input.
  ///   - build: the computation on a batch and its condition [N, K], if the model has one; its outputs have the batch first.
  init(_ trained: TrainedModel, shape: [Int], build: @escaping (Tensor, Tensor?) -> [Tensor]) {
    self.trained = trained
    self.shape = shape
    self.build = build
  }

  /// Runs the computation on some of the examples and returns its outputs.
  func run(_ examples: Examples, _ range: Range<Int>, _ random: RandomState) throws -> [HostTensor] {
    let executable = try executable(for: range.count)
    executable.withFloats(ofInput: "batch") { examples.copyRange(range, into: $0) }
    setCondition(of: executable, examples.conditions(trained.model.specification.condition, range))
    try executable.run(random)
    return executable.program.outputs.indices.map(executable.output)
  }

  /// Runs the computation on a batch that `fill` writes and passes on its first output without a copy.
  func run(
    _ count: Int, condition: [Float] = [], _ random: RandomState,
    fill: (UnsafeMutableBufferPointer<Float>) -> Void, read: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let executable = try executable(for: count)
    executable.withFloats(ofInput: "batch", fill)
    setCondition(of: executable, condition)
    try executable.run(random)
    try executable.withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  /// Runs the computation on a batch of examples, read where it lies if that can be, and passes on its first output.
  func run(_ examples: Examples, _ range: Range<Int>, read: (UnsafeBufferPointer<Float>) throws -> Void) throws {
    let random = RandomState(seed: 0)
    let executable = try executable(for: range.count)
    setCondition(of: executable, examples.conditions(trained.model.specification.condition, range))
    let isLent: Void? = try examples.withFloats(range) { floats in
      guard let batch = executable.input(named: "batch") else { return try executable.run(random) }
      try executable.lendInput(batch, UnsafeRawBufferPointer(floats)) { try executable.run(random) }
    }
    if isLent == nil {
      executable.withFloats(ofInput: "batch") { examples.copyRange(range, into: $0) }
      try executable.run(random)
    }
    try executable.withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  private func setCondition(of executable: any Executable, _ rows: [Float]) {
    executable.withFloats(ofInput: "condition") { _ = $0.update(fromContentsOf: rows.prefix($0.count)) }
  }

  private func executable(for count: Int) throws -> any Executable {
    if let executable = executables[count] { return executable }
    let graph = trained.graph()
    let input = graph.input("batch", shape: Shape([count] + shape))
    let condition = trained.model.specification.condition
    let given = condition.isOn ? graph.input("condition", shape: [count, condition.size]) : nil
    let program = Program(graph: graph, outputs: build(input, given))
    let executable = try trained.backend.compile(program, state: trained.store)
    executables[count] = executable
    return executable
  }
}

extension Executable {
  /// The number of an input, if the program has it: one that the outputs do not depend on is left out.
  func input(named name: String) -> Int? { program.inputs.firstIndex { $0.inputName == name } }

  /// Gives access to the memory of an input, if the program has it.
  func withFloats(ofInput name: String, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    guard let index = input(named: name) else { return }
    withInput(index) { body($0.bindMemory(to: Float.self)) }
  }
}
