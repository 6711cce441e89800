import LatentDiagnostics
import LatentTensorGraph

/// Each pixel of [N, H, W, C] repeated in both directions, and the result cut to a size.
public struct Upsampling: Layer {
  /// How often a pixel is repeated in each direction.
  package let factor: Int
  /// Height and width of the result, at most the factor times the input's; `nil` for just these.
  package let outputSize: [Int]?

  /// Creates a layer.
  public init(factor: Int = 2, outputSize: [Int]? = nil) {
    require(factor > 0, "pixels cannot be repeated \(factor) times")
    self.factor = factor
    self.outputSize = outputSize
  }

  /// Empty: nothing is learned.
  public var variables: [Variable] { [] }

  /// [N, H, W, C] to [N, H * factor, W * factor, C], or to the size that was given.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let (count, height, width, channels) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3])
    let repeated = input.reshape([count, height, 1, width, 1, channels])
      .broadcast(to: [count, height, factor, width, factor, channels])
      .reshape([count, height * factor, width * factor, channels])
    guard let outputSize else { return repeated }
    return repeated.slice(1, 0..<outputSize[0]).slice(2, 0..<outputSize[1])
  }
}
