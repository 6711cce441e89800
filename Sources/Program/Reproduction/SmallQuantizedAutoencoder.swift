import LatentCPUBackend
import LatentDatasets
import LatentEvaluation
import LatentExecution
import LatentLayers
import LatentOptimizers
import LatentTensorGraph
import LatentVariationalAutoencoders

/// An autoencoder of about ten thousand weights around a quantiser, the size of the public example of vector-quantize-pytorch:
/// 28 x 28 grey pixels to 7 x 7 vectors of 32 numbers and back.
struct SmallQuantizedAutoencoder {
  /// What it is called in rows.
  let name: String
  private let quantizer: any Quantizer
  private let codebooks: [Int]
  private let width: Int
  /// To the numbers that the quantiser takes and back, where those are not the encoder's 32.
  private let projections: [Convolution]
  private let convolutions = [
    Convolution("encoder/0", inputs: 1, outputs: 16, size: 3),
    Convolution("encoder/1", inputs: 16, outputs: 32, size: 3),
    Convolution("decoder/0", inputs: 32, outputs: 16, size: 3),
    Convolution("decoder/1", inputs: 16, outputs: 1, size: 3),
  ]
  /// The weight of the quantiser's loss, averaged over the numbers of all vectors.
  private static let codeWeight = 10.0

  init(_ name: String, _ family: some QuantizerFamily, dimensions: Int = 32) {
    self.name = name
    width = dimensions
    quantizer = family.make("quantizer", dimensions: dimensions)
    codebooks = family.codebooks(dimensions: dimensions)
    projections =
      dimensions == 32
      ? []
      : [
        Convolution("projection/in", inputs: 32, outputs: dimensions, size: 1),
        Convolution("projection/out", inputs: dimensions, outputs: 32, size: 1),
      ]
  }

  private var variables: [Variable] { (convolutions + projections).flatMap(\.variables) + quantizer.variables }

  /// Pictures in [-1, 1] and what comes back of them.
  private func pass(
    _ pixels: Tensor, mode: Mode
  ) -> (pictures: Tensor, decoded: (Tensor) -> Tensor, codes: QuantizedVectors) {
    let pictures = pixels * 2 - 1
    var h = convolutions[0](pictures, mode: mode).maxPooled(size: 2).gelu()
    h = convolutions[1](h, mode: mode).maxPooled(size: 2)
    if let projection = projections.first { h = projection(h, mode: mode) }
    let codes = quantizer(h.reshape([h.shape[0], 49, width]), mode: mode)
    let decoded = { (vectors: Tensor) in
      var h = vectors.reshape([vectors.shape[0], 7, 7, width])
      if let projection = projections.last { h = projection(h, mode: mode) }
      h = convolutions[2](Upsampling()(h, mode: mode), mode: mode).gelu()
      return convolutions[3](Upsampling()(h, mode: mode), mode: mode).clamped(-1, 1)
    }
    return (pictures, decoded, codes)
  }

  /// Trains for a number of steps with batches of 256, or all where there are fewer, and Adam at 3e-4.
  func train(_ examples: Examples, steps: Int, seed: UInt64) throws -> VariableStore {
    let size = min(256, examples.count)
    let graph = Graph()
    let pixels = graph.input("pixels", shape: Shape([size] + examples.shape))
    let (pictures, decoded, codes) = pass(pixels, mode: .training)
    let loss =
      (decoded(codes.vectors) - pictures).absoluteValue().mean()
      + codes.loss.mean() * (Self.codeWeight / Double(49 * width))
    let optimizer = OptimizerState(.adam(learningRate: 3e-4), over: variables)
    optimizer.minimize(loss, learningRate: graph.constant(3e-4))
    let store = VariableStore(seed: seed)
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: [loss]), state: store)
    var (order, epoch): ([Int], Int) = ([], 0)
    for step in 0..<steps {
      if order.count < size {
        order = Shuffler.permutation(count: examples.count, seed: seed, epoch: epoch)
        epoch += 1
      }
      let batch = Array(order.suffix(size))
      order.removeLast(size)
      try executable.withInput(0) { try examples.copy(batch, into: $0.bindMemory(to: Float.self)) }
      try executable.run(RandomState(seed: seed, step: UInt64(step)))
    }
    return store
  }

  /// The mean absolute error, by how many indices of a vector the decoder is given, and the codes that were chosen.
  func measure(_ examples: Examples, _ store: VariableStore) throws -> (errors: [Double], usage: CodeUsage) {
    let size = min(500, examples.count)
    let graph = Graph()
    let (pictures, decoded, codes) = pass(
      graph.input("pixels", shape: Shape([size] + examples.shape)), mode: .inference)
    let stages = quantizer is any StagedQuantizer ? Array(1...codebooks.count) : [codebooks.count]
    let errors = stages.map { stage in
      (decoded(quantizer.vectors(codes.codes.slice(-1, 0..<stage))) - pictures).absoluteValue().mean()
    }
    let outputs = errors + [codes.codes.histogram(codebooks: codebooks)]
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: outputs), state: store)
    var sums = [Double](repeating: 0, count: stages.count)
    var counts = [Double](repeating: 0, count: codebooks.reduce(0, +))
    let batches = examples.count / size
    for index in 0..<batches {
      try executable.withInput(0) {
        try examples.copyRange((index * size)..<((index + 1) * size), into: $0.bindMemory(to: Float.self))
      }
      try executable.run(RandomState(seed: 0))
      for stage in stages.indices { sums[stage] += executable.withOutput(stage) { Double($0.load(as: Float.self)) } }
      executable.withOutput(stages.count) { bytes in
        for (place, count) in bytes.bindMemory(to: Float.self).enumerated() { counts[place] += Double(count) }
      }
    }
    return (sums.map { $0 / Double(batches) }, CodeUsage(counts, codebooks: codebooks))
  }
}
