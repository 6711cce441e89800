import CAllocationCounter
import Latent
import TestSupport
import Testing

/// Allocations of a program that has run before, counted by an allocator that replaces the C library's.
///
/// Each test is a process of its own, so that no other test's allocations are counted.
@Suite struct SteadyStateTests {
  @Test func theCounterCounts() async {
    await #expect(processExitsWith: .success) {
      latent_count_allocations()
      let array = [Int](repeating: 1, count: 1000)
      #expect(latent_counted_allocations() >= 1)
      #expect(array.count == 1000)
    }
  }

  @Test func loopsReductionsAndRandomNumbersAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      let graph = Graph()
      let x = graph.input("x", shape: [100, 784])
      let weights = Variable("w", shape: [784], initializer: .constant(0.5))
      let noisy = (x + graph.random(.normal, shape: x.shape)).binaryCrossEntropy(targets: x) * graph.read(weights)
      graph.update(weights, to: graph.read(weights) - noisy.sum([0]) * 1e-3)
      let program = Program(graph: graph, outputs: [noisy.sum([1]).max(), noisy.argumentMaximum(1)])
      let executable = try CPUBackend().compile(program, state: VariableStore(seed: 0))
      #expect(try allocations(of: executable, steps: 10) == 0)
    }
  }

  /// What is left is oneDNN's own: each call of a primitive makes a small table of its arguments, with an
  /// entry for each: operands, result, bias, and the memory that it works in. With AVX-512 a product allocates up to 7 times,
  /// by the general product that other processors have 7 to 12 times.
  @Test func aTrainingStepAllocatesOnlyInsideOneDNN() async {
    await #expect(processExitsWith: .success) {
      let model = Model(smallModel(latents: 20, hidden: [500]), exampleShape: [784])
      let graph = Graph()
      let batch = ExampleBatch(examples: graph.input("x", shape: [100, 784]))
      let terms = Objective.elbo().terms(model, batch, mode: .training)
      OptimizerState(.adam(), over: model.variables).minimize(-terms.elbo.mean(), learningRate: graph.constant(1e-3))
      let program = Program(graph: graph, outputs: [terms.elbo.sum()])
      let executable = try CPUBackend().compile(program, state: VariableStore(seed: 0))
      let calls = try executable.profile(RandomState(seed: 0)).filter { $0.flop > 0 }.count
      let ten = try allocations(of: executable, steps: 10)
      #expect(calls > 5 && ten <= 10 * calls * 12)
      #expect(try allocations(of: executable, steps: 20) == 2 * ten)
    }
  }
}

/// How many allocations some steps make, after three that may make more.
private func allocations(of executable: any Executable, steps: Int) throws -> Int {
  for step in 0..<3 { try executable.run(RandomState(seed: 1, step: UInt64(step))) }
  latent_count_allocations()
  for step in 0..<steps { try executable.run(RandomState(seed: 1, step: UInt64(step))) }
  return latent_counted_allocations()
}
