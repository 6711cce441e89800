import LatentDatasets
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Measures one number for each of some examples, by a network as it stands and with the same noise every time.
final class ExampleMeter {
  private let network: SmallNetwork
  private let examples: Examples
  private let seed: UInt64
  private let build: (Tensor) -> Tensor
  private var executables: [Int: any Executable] = [:]

  /// - Parameter build: from a batch [B, ...] to numbers [B].
  init(_ network: SmallNetwork, _ examples: Examples, seed: UInt64, build: @escaping (Tensor) -> Tensor) {
    self.network = network
    self.examples = examples
    self.seed = seed
    self.build = build
  }

  /// The evidence lower bound with one latent for each example.
  static func bound(_ network: SmallNetwork, _ examples: Examples, seed: UInt64) -> ExampleMeter {
    ExampleMeter(network, examples, seed: seed) { batch in
      Objective.elbo().terms(network.model, ExampleBatch(examples: batch), mode: .inference).elbo
    }
  }

  /// The numbers, example after example.
  func values(batchSize: Int = 500) throws -> [Double] {
    var values: [Double] = []
    for first in stride(from: 0, to: examples.count, by: batchSize) {
      let range = first..<min(examples.count, first + batchSize)
      let executable = try executable(for: range.count)
      try executable.fill("examples") { try examples.copyRange(range, into: $0) }
      try executable.run(RandomState(seed: seed, step: UInt64(first)))
      values += executable.output(0).doubles
    }
    return values
  }

  /// Their mean.
  func mean(batchSize: Int = 500) throws -> Double { SampleStatistics(try values(batchSize: batchSize)).mean }

  private func executable(for count: Int) throws -> any Executable {
    if let executable = executables[count] { return executable }
    let graph = Graph()
    let output = build(network.batch(count, in: graph))
    let executable = try network.backend.compile(Program(graph: graph, outputs: [output]), state: network.store)
    executables[count] = executable
    return executable
  }
}
