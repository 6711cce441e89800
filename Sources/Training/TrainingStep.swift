import Datasets
import Execution
import Optimizers
import TensorGraph
import VariationalAutoencoders

/// One program that takes a batch and moves the parameters: forward pass, bound, gradients, and update.
struct TrainingStep {
  let executable: any Executable
  let batchSize: Int

  /// Sums over the batch, in nats.
  struct Sums {
    var elbo = 0.0
    var rate = 0.0
    var distortion = 0.0

    static func += (left: inout Sums, right: Sums) {
      left.elbo += right.elbo
      left.rate += right.rate
      left.distortion += right.distortion
    }
  }

  init(
    _ model: Model, objective: Objective, optimizer: OptimizerState, binarization: Binarization, batchSize: Int,
    precision: Precision, backend: any Backend, store: VariableStore
  ) throws {
    let graph = Graph(matrixPrecision: precision.matrixType)
    let examples = graph.input("examples", shape: Shape([batchSize] + model.exampleShape))
    let learningRate = graph.input("learning rate", shape: .scalar)
    let prepared = binarization == .stochastic ? examples.binarized() : examples
    let terms = objective.terms(model, prepared, mode: .training)
    optimizer.minimize(-terms.elbo.mean(), learningRate: learningRate)
    let program = Program(graph: graph, outputs: [terms.rate.sum(), terms.distortion.sum()])
    executable = try backend.compile(program, state: store)
    self.batchSize = batchSize
  }

  func setLearningRate(_ rate: Double) {
    executable.withInput(1) { $0.storeBytes(of: Float(rate), as: Float.self) }
  }

  /// Gives access to the memory of the batch, [batchSize, D].
  func withExamples(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    executable.withInput(0) { body($0.bindMemory(to: Float.self)) }
  }

  /// Runs the step on the batch that was put in.
  func run(_ random: RandomState) throws -> Sums {
    try executable.run(random)
    let (rate, distortion) = (scalar(0), scalar(1))
    return Sums(elbo: -(rate + distortion), rate: rate, distortion: distortion)
  }

  private func scalar(_ index: Int) -> Double {
    executable.withOutput(index) { Double($0.load(as: Float.self)) }
  }
}

extension Tensor {
  /// Ones with these probabilities, else zeros; fresh at every run.
  func binarized() -> Tensor {
    graph.scope("binarize") {
      graph.random(.uniform, shape: shape, type: type).compare(.less, self).converted(to: type)
    }
  }
}
