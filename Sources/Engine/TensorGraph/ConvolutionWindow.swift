/// Which of the three tensors of a convolution is computed from the other two.
///
/// A convolution is linear in its input and in its kernel; with the output's cotangent it is one trilinear form, so the
/// three directions are each other's gradients and a second derivative needs nothing new. The transposed convolution of a
/// decoder is `inputGradient`.
///
/// Layouts: input [N, H, W, I], kernel [KH, KW, I / groups, O], output [N, OH, OW, O].
package enum ConvolutionDirection: String, Hashable, Sendable, CaseIterable {
  /// Operands: input, kernel. Result: output.
  case forward
  /// Operands: output, kernel. Result: input.
  case inputGradient
  /// Operands: input, output. Result: kernel.
  case kernelGradient
}

/// The geometry of a two-dimensional convolution; pairs are (height, width).
package struct ConvolutionWindow: Hashable, Sendable {
  /// Height and width of the input.
  package var inputSize: [Int]
  /// Height and width of the kernel.
  package var kernelSize: [Int]
  /// Distance between neighbouring windows.
  package var strides: [Int]
  /// Rows above and columns left of the input that count as zero.
  package var paddingLow: [Int]
  /// Rows below and columns right of the input that count as zero.
  package var paddingHigh: [Int]
  /// Distance between neighbouring elements of the kernel; 1 is dense.
  package var dilations: [Int]
  /// How many separate convolutions the channels are divided into.
  package var groups: Int

  /// Creates a window; every pair has two elements.
  package init(
    inputSize: [Int], kernelSize: [Int], strides: [Int] = [1, 1], paddingLow: [Int] = [0, 0],
    paddingHigh: [Int] = [0, 0], dilations: [Int] = [1, 1], groups: Int = 1
  ) {
    self.inputSize = inputSize
    self.kernelSize = kernelSize
    self.strides = strides
    self.paddingLow = paddingLow
    self.paddingHigh = paddingHigh
    self.dilations = dilations
    self.groups = groups
  }

  /// Height and width of the output: floor((padded input - dilated kernel) / stride) + 1, at least 0.
  package var outputSize: [Int] {
    (0..<2).map { axis in
      let span = dilations[axis] * (kernelSize[axis] - 1) + 1
      let free = inputSize[axis] + paddingLow[axis] + paddingHigh[axis] - span
      return free < 0 ? 0 : free / strides[axis] + 1
    }
  }
}

/// How far an input is extended with zeros before a window slides over it.
public enum Padding: Hashable, Sendable {
  /// Not at all: windows lie within the input, and the output is smaller.
  case valid
  /// So that the output's size is the input's divided by the stride, rounded up.
  case same
  /// By the given number of rows and columns on every side.
  case explicit(Int)
  /// Before the input alone, by as much as a window reaches back, so that no output depends on later input: for sequences.
  case causal

  /// The padding before and after an axis.
  package func amounts(input: Int, kernel: Int, stride: Int, dilation: Int) -> (low: Int, high: Int) {
    switch self {
    case .valid: return (0, 0)
    case .explicit(let amount): return (amount, amount)
    case .causal: return (dilation * (kernel - 1), 0)
    case .same:
      let output = (input + stride - 1) / stride
      let total = max(0, (output - 1) * stride + dilation * (kernel - 1) + 1 - input)
      return (total / 2, total - total / 2)
    }
  }
}
