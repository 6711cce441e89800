import Latent

/// A workload made ready: what one timed step is, and the program that it runs, for profiles.
struct Job {
  /// Done before every step, outside the time.
  var prepare: () throws -> Void = {}
  /// One step.
  var step: () throws -> Void
  /// The program that a step runs, if it is one.
  var executable: (any Executable)?

  /// Runs one program again and again, with fresh noise each time.
  init(_ executable: any Executable) {
    var count: UInt64 = 0
    step = {
      try executable.run(RandomState(seed: 1, step: count))
      count += 1
    }
    self.executable = executable
  }

  init(prepare: @escaping () throws -> Void = {}, step: @escaping () throws -> Void) {
    self.prepare = prepare
    self.step = step
  }
}

/// Where and how a workload is computed.
struct Settings {
  let backend: CPUBackend
  let precision: Precision
}

/// Uniform numbers in [0, 1), the same every time.
func randomValues(_ count: Int) -> [Float] {
  var stream = RandomStream(seed: 5, name: "benchmark")
  return (0..<count).map { _ in Float(stream.nextUniform()) }
}

extension Executable {
  /// Fills an input with random numbers once.
  func fillInput(_ index: Int, _ transform: (Float) -> Float = { $0 }) {
    let values = randomValues(program.inputs[index].shape.elementCount).map(transform)
    withInput(index) { $0.copyBytes(from: values.withUnsafeBytes { Array($0) }) }
  }
}

/// Forward pass, backward pass, and Adam on a batch of random examples, as one program.
func trainingStep(
  _ settings: Settings, _ variables: [Variable], examples shape: Shape, binary: Bool = true,
  loss: (Tensor) -> Tensor
) throws -> Job {
  let graph = Graph(matrixPrecision: settings.precision.matrixType)
  let x = graph.input("examples", shape: shape)
  let value = loss(x)
  let optimizer = OptimizerState(.adam(learningRate: 1e-3), over: variables)
  optimizer.minimize(value, learningRate: graph.constant(1e-3))
  let executable = try settings.backend.compile(Program(graph: graph, outputs: [value]), state: VariableStore(seed: 0))
  executable.fillInput(0) { binary ? $0.rounded() : $0 }
  return Job(executable)
}
