import LatentCPUBackend
import LatentExecution
import Foundation
import LatentRandomness
import LatentTensorGraph
import LatentVariationalAutoencoders

/// A model of Kingma & Welling 2013 with its weights: one hidden layer of tanh units on either side, binary pixels.
struct SmallNetwork {
  /// The model.
  let model: Model
  /// The weights.
  let store: VariableStore
  /// Where it runs.
  let backend = CPUBackend()

  /// Makes a network whose kernels are drawn from N(0, 0.01^2); biases are zero.
  init(hidden: Int, latents: Int, exampleShape: [Int], seed: UInt64) throws {
    try self.init(
      VariationalAutoencoder(
        prior: .standardNormal(dimensions: latents), encoder: .mlp(hidden: [hidden]), decoder: .mlp(hidden: [hidden])),
      exampleShape: exampleShape, seed: seed)
    for variable in model.variables where variable.shape.rank > 1 {
      let generator = Philox4x32(seed: seed)
      let stream = streamIdentifier("small network/" + variable.name)
      let values = (0..<(variable.shape.elementCount + 3) / 4).flatMap { block in
        let normals = generator.normals(UInt32(block), stream: stream, step: 0) * 0.01
        return (0..<4).map { normals[$0] }
      }
      try store.set(variable, to: HostTensor(Array(values.prefix(variable.shape.elementCount)), shape: variable.shape))
    }
  }

  /// Makes any model, with its own initial weights.
  init(_ specification: VariationalAutoencoder, exampleShape: [Int], seed: UInt64) throws {
    self.init(model: Model(specification, exampleShape: exampleShape), store: VariableStore(seed: seed))
  }

  /// Takes a model and weights that exist.
  init(model: Model, store: VariableStore) {
    self.model = model
    self.store = store
  }

  /// The squares of the generative weights over twice the number of examples: what the prior N(0, I) of the weights costs
  /// one example.
  func weightDecay(examples: Int, in graph: Graph) -> Tensor {
    let squares = model.generativeVariables.map { graph.read($0).squared().sum() }
    return squares.reduce(graph.constant(0), +) / Double(2 * examples)
  }

  /// The input for a batch of examples.
  func batch(_ count: Int, in graph: Graph) -> Tensor {
    graph.input("examples", shape: Shape([count] + model.exampleShape))
  }
}
