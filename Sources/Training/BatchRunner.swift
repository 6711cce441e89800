import Datasets
import Execution
import TensorGraph

/// A computation on batches [N, ...] of any size: one program for each size that occurs, made when it first does.
final class BatchRunner {
  private let trained: TrainedModel
  private let shape: [Int]
  private let build: (Tensor) -> [Tensor]
  private var executables: [Int: any Executable] = [:]

  /// - Parameters:
  ///   - trained: the weights and where to run.
  ///   - shape: the shape of one row of the input.
  ///   - build: the computation, whose outputs have the batch first.
  init(_ trained: TrainedModel, shape: [Int], build: @escaping (Tensor) -> [Tensor]) {
    self.trained = trained
    self.shape = shape
    self.build = build
  }

  /// Runs the computation on a batch that `fill` writes and returns its outputs.
  func run(
    _ count: Int, _ random: RandomState, fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> [HostTensor] {
    let executable = try ready(count, random, fill)
    return executable.program.outputs.indices.map(executable.output)
  }

  /// Runs the computation on a batch that `fill` writes and passes on its first output without a copy.
  func run(
    _ count: Int, _ random: RandomState, fill: (UnsafeMutableBufferPointer<Float>) -> Void,
    read: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    try ready(count, random, fill).withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  /// Runs the computation on a batch of examples, read where it lies if that can be, and passes on its first output.
  func run(_ examples: Examples, _ range: Range<Int>, read: (UnsafeBufferPointer<Float>) throws -> Void) throws {
    let random = RandomState(seed: 0)
    let executable = try executable(for: range.count)
    let isLent: Void? = try examples.withFloats(range) { floats in
      try executable.lendInput(0, UnsafeRawBufferPointer(floats)) { try executable.run(random) }
    }
    if isLent == nil {
      executable.withInput(0) { examples.copyRange(range, into: $0.bindMemory(to: Float.self)) }
      try executable.run(random)
    }
    try executable.withOutput(0) { try read($0.bindMemory(to: Float.self)) }
  }

  private func ready(
    _ count: Int, _ random: RandomState, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> any Executable {
    let executable = try executable(for: count)
    // A computation that does not look at its input has none.
    if !executable.program.inputs.isEmpty {
      executable.withInput(0) { fill($0.bindMemory(to: Float.self)) }
    }
    try executable.run(random)
    return executable
  }

  private func executable(for count: Int) throws -> any Executable {
    if let executable = executables[count] { return executable }
    let graph = trained.graph()
    let input = graph.input("batch", shape: Shape([count] + shape))
    let program = Program(graph: graph, outputs: build(input))
    let executable = try trained.backend.compile(program, state: trained.store)
    executables[count] = executable
    return executable
  }
}
