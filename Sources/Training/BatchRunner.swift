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
  private var programs: [Int: Prepared] = [:]

  /// A program, and which of its inputs are what: one that the outputs do not depend on is left out. They are looked up
  /// once, because a single example takes ten microseconds.
  private struct Prepared {
    let executable: any Executable
    let batch: Int?
    let condition: Int?

    init(_ executable: any Executable) {
      self.executable = executable
      batch = executable.input(named: "batch")
      condition = executable.input(named: "condition")
    }

    func fill(_ input: Int?, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
      guard let input else { return }
      executable.withInput(input) { body($0.bindMemory(to: Float.self)) }
    }

    func setCondition(_ rows: @autoclosure () -> [Float]) {
      fill(condition) { _ = $0.update(fromContentsOf: rows().prefix($0.count)) }
    }
  }

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
    let program = try program(for: range.count)
    program.fill(program.batch) { examples.copyRange(range, into: $0) }
    program.setCondition(examples.conditions(trained.model.specification.condition, range))
    let executable = program.executable
    try executable.run(random)
    return executable.program.outputs.indices.map(executable.output)
  }

  /// Runs the computation on a batch that `fill` writes and passes on its first output without a copy.
  func run(
    _ count: Int, condition: [Float] = [], _ random: RandomState,
    fill: (UnsafeMutableBufferPointer<Float>) -> Void, read: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let program = try program(for: count)
    program.fill(program.batch, fill)
    program.setCondition(condition)
    try program.executable.run(random)
    try program.executable.withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  /// Runs the computation on a batch of examples, read where it lies if that can be, and passes on its first output.
  func run(_ examples: Examples, _ range: Range<Int>, read: (UnsafeBufferPointer<Float>) throws -> Void) throws {
    let random = RandomState(seed: 0)
    let program = try program(for: range.count)
    let executable = program.executable
    program.setCondition(examples.conditions(trained.model.specification.condition, range))
    let isLent: Void? = try examples.withFloats(range) { floats in
      guard let batch = program.batch else { return try executable.run(random) }
      try executable.lendInput(batch, UnsafeRawBufferPointer(floats)) { try executable.run(random) }
    }
    if isLent == nil {
      program.fill(program.batch) { examples.copyRange(range, into: $0) }
      try executable.run(random)
    }
    try executable.withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  private func program(for count: Int) throws -> Prepared {
    if let prepared = programs[count] { return prepared }
    let graph = trained.graph()
    let input = graph.input("batch", shape: Shape([count] + shape))
    let condition = trained.model.specification.condition
    let given = condition.isOn ? graph.input("condition", shape: [count, condition.size]) : nil
    let program = Program(graph: graph, outputs: build(input, given))
    let prepared = Prepared(try trained.backend.compile(program, state: trained.store))
    programs[count] = prepared
    return prepared
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
