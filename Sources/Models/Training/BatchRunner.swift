import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

/// A computation on batches [N, ...] of any size, and on what they are conditioned on: one program for each size, made when
/// it occurs. The programs of the sizes that were used last are kept.
final class BatchRunner {
  private let trained: TrainedModel
  private let shape: [Int]
  private let condition: Condition
  private let build: (Tensor, Tensor?) -> [Tensor]
  private var programs: [Int: Prepared] = [:]
  /// The sizes that have programs, the one used last at the end.
  private var sizes: [Int] = []

  /// How many programs are kept: each has the memory of all its intermediate values.
  static let capacity = 8

  private struct Prepared {
    let executable: any Executable
    let inputs: NamedInputs

    func setCondition(_ rows: [Float]) {
      inputs.fill("condition") { _ = $0.update(fromContentsOf: rows.prefix($0.count)) }
    }
  }

  /// - Parameters:
  ///   - trained: the weights and where to run.
  ///   - shape: the shape of one row of the input.
  ///   - build: the computation on a batch and its condition [N, K], if the model has one; its outputs have the batch first.
  init(_ trained: TrainedModel, shape: [Int], build: @escaping (Tensor, Tensor?) -> [Tensor]) {
    self.trained = trained
    self.shape = shape
    condition = trained.model.specification.condition
    self.build = build
  }

  /// Runs the computation on some of the examples and returns its outputs.
  ///
  /// - Throws: `LatentError` for examples of another shape, or without what the model is conditioned on.
  func run(_ examples: Examples, _ range: Range<Int>, _ random: RandomState) throws -> [HostTensor] {
    try check(examples)
    let program = try program(for: range.count)
    try copy(examples, range, into: program)
    program.setCondition(try conditions(of: examples, range))
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
    program.inputs.fill("batch", fill)
    program.setCondition(condition)
    try program.executable.run(random)
    try program.executable.withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  /// Runs the computation on a batch of examples, read where it lies if that can be, and passes on its first output.
  func run(_ examples: Examples, _ range: Range<Int>, read: (UnsafeBufferPointer<Float>) throws -> Void) throws {
    try check(examples)
    let random = RandomState(seed: 0)
    let program = try program(for: range.count)
    let executable = program.executable
    program.setCondition(try conditions(of: examples, range))
    let isLent: Void? = try examples.withFloats(range) { floats in
      guard let batch = program.inputs["batch"] else { return try executable.run(random) }
      try executable.lendInput(batch, UnsafeRawBufferPointer(floats)) { try executable.run(random) }
    }
    if isLent == nil {
      try copy(examples, range, into: program)
      try executable.run(random)
    }
    try executable.withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  /// Puts a batch in; those who go through examples go on after it, so that what is in files is read meanwhile.
  private func copy(_ examples: Examples, _ range: Range<Int>, into program: Prepared) throws {
    try program.inputs.fill("batch") { try examples.copyRange(range, into: $0) }
    let next = range.upperBound..<min(examples.count, range.upperBound + range.count)
    if !next.isEmpty { examples.willCopy(Array(next)) }
  }

  private func check(_ examples: Examples) throws {
    guard examples.shape == shape else {
      throw LatentError.usage(
        "The examples have shape \(examples.shape), the model was trained on \(shape)",
        remedy: "Give examples of the model's shape")
    }
  }

  /// - Throws: `LatentError` for data without what the model is conditioned on.
  private func conditions(of examples: Examples, _ range: Range<Int>) throws -> [Float] {
    condition.isOn ? examples.conditions(try condition.completed(for: examples), range) : []
  }

  private func program(for count: Int) throws -> Prepared {
    if let prepared = programs[count] {
      if sizes.last != count, let place = sizes.firstIndex(of: count) { sizes.append(sizes.remove(at: place)) }
      return prepared
    }
    if sizes.count >= Self.capacity { programs[sizes.removeFirst()] = nil }
    let graph = trained.graph()
    let input = graph.input("batch", shape: Shape([count] + shape))
    let given = condition.isOn ? graph.input("condition", shape: [count, condition.size]) : nil
    let program = Program(graph: graph, outputs: build(input, given))
    let executable = try trained.backend.compile(program, state: trained.store)
    let prepared = Prepared(executable: executable, inputs: NamedInputs(executable))
    programs[count] = prepared
    sizes.append(count)
    return prepared
  }
}
