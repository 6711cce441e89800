import LatentDiagnostics
import LatentTensorGraph

/// Sets a random share of the elements to zero in training and scales up the rest (Srivastava et al. 2014).
public struct Dropout: Layer {
  /// The probability that an element is dropped.
  package let rate: Double

  /// Creates a layer; the rate lies in [0, 1).
  public init(rate: Double) {
    require((0..<1).contains(rate), "a dropout rate lies in 0..<1, not \(rate)")
    self.rate = rate
  }

  /// Empty: nothing is learned.
  public var variables: [Variable] { [] }

  /// Drops in training, passes through in inference.
  public func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    guard mode == .training, rate > 0 else { return input }
    let draws = input.graph.random(.uniform, shape: input.shape, type: input.type)
    return draws.compare(.greaterOrEqual, rate).select(input / (1 - rate), input.scalar(0))
  }
}
