import LatentDiagnostics
import LatentTensorGraph

/// A layer whose kernel is a direction and a length for each output: w = g v / |v| (Salimans & Kingma 2016).
///
/// v is the layer's own kernel, g a new variable. At first g is the length that the kernel's initial values have, or, where
/// these are drawn, the root of its expected square, so that the layer begins about as it would have without.
public struct WeightNormalization: Layer {
  /// The layer whose kernel is normalised.
  public let layer: any Layer
  /// The direction v, of the kernel's shape.
  public let direction: Variable
  /// The length g, of shape [outputs].
  public let length: Variable
  /// Which of the kernel's dimensions is the outputs'.
  private let outputDimension: Int

  /// Creates a dense layer's.
  public init(_ layer: Dense) { self.init(layer, kernel: layer.kernel) }

  /// Creates a convolution's.
  public init(_ layer: Convolution) { self.init(layer, kernel: layer.kernel) }

  /// Creates a one-dimensional convolution's.
  public init(_ layer: Convolution1D) { self.init(layer, kernel: layer.kernel) }

  /// Creates a transposed convolution's, whose outputs are the last but one dimension of its kernel.
  public init(_ layer: TransposedConvolution) { self.init(layer, kernel: layer.kernel, outputDimension: -2) }

  /// Creates that of any layer that reads its kernel from the graph.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - kernel: one of its variables.
  ///   - outputDimension: which of the kernel's dimensions is the outputs'; a negative one counts from the end.
  public init(_ layer: any Layer, kernel: Variable, outputDimension: Int = -1) {
    require(layer.variables.contains(kernel), "the layer has no variable \(kernel)")
    self.layer = layer
    direction = kernel
    self.outputDimension = outputDimension < 0 ? outputDimension + kernel.shape.rank : outputDimension
    let outputs = kernel.shape[outputDimension]
    length = Variable(
      kernel.name + "/length", shape: [outputs],
      initializer: .constant(
        kernel.initializer.rootMeanSquare * (Double(kernel.shape.elementCount) / Double(max(1, outputs))).squareRoot()))
  }

  /// The layer's and the length.
  public var variables: [Variable] { layer.variables + [length] }

  /// What the layer gives with the normalised kernel.
  public func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    let graph = input.graph
    let vectors = graph.read(direction)
    let others = (0..<vectors.rank).filter { $0 != outputDimension }
    let sizes = graph.read(length).broadcast(to: vectors.shape.collapsing(others), mapping: [outputDimension])
    let weights = vectors * (sizes / vectors.norm(others, keepingDimensions: true))
    return graph.substituting([direction: weights]) { layer(input, mode: mode) }
  }
}

extension Initializer {
  /// The root of the expected square of an element.
  fileprivate var rootMeanSquare: Double {
    switch self {
    case .zeros: 0
    case .constant(let value): abs(value)
    case .values(let values): (values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count))).squareRoot()
    case .normal(let standardDeviation): standardDeviation
    case .uniform(let limit): limit / 3.0.squareRoot()
    case .copy(let variable): variable.initializer.rootMeanSquare
    }
  }
}
