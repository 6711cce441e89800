extension Tensor {
  /// One-dimensional convolution of this input [N, L, I] with a kernel [K, I / groups, O]: [N, OL, O].
  ///
  /// With padding `.causal` no output depends on input after its window's end (van den Oord et al. 2016).
  public func convolution1D(
    _ kernel: Tensor, stride: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard rank == 3, kernel.rank == 3 else {
      shapeMistake(
        "convolution1D", [self, kernel], "expected input [N, L, I] and kernel [K, I / groups, O]", file: file,
        line: line)
    }
    let window = ConvolutionWindow(
      length: shape[1], kernel: kernel.shape[0], stride: stride, padding: padding, dilation: dilation, groups: groups)
    let result = expandingDimension(1).convolution(
      .forward, kernel.expandingDimension(0), window, file: file, line: line)
    return result.reshape(result.shape.removing([1]))
  }

  /// The transpose of a one-dimensional convolution: from its output's shape [N, OL, O] back to its input's [N, L, I].
  ///
  /// The kernel is that of the convolution being transposed, [K, I / groups, O]. `outputLength` is the result's L, which
  /// strides leave open.
  public func transposedConvolution1D(
    _ kernel: Tensor, outputLength: Int, stride: Int = 1, padding: Padding = .valid, dilation: Int = 1,
    groups: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard rank == 3, kernel.rank == 3 else {
      shapeMistake(
        "transposedConvolution1D", [self, kernel], "expected [N, OL, O] and kernel [K, I / groups, O]", file: file,
        line: line)
    }
    let window = ConvolutionWindow(
      length: outputLength, kernel: kernel.shape[0], stride: stride, padding: padding, dilation: dilation,
      groups: groups)
    let result = expandingDimension(1).convolution(
      .inputGradient, kernel.expandingDimension(0), window, file: file, line: line)
    return result.reshape(result.shape.removing([1]))
  }
}

extension ConvolutionWindow {
  /// A window over images of height 1.
  fileprivate init(length: Int, kernel: Int, stride: Int, padding: Padding, dilation: Int, groups: Int) {
    let (low, high) = padding.amounts(input: length, kernel: kernel, stride: stride, dilation: dilation)
    self.init(
      inputSize: [1, length], kernelSize: [1, kernel], strides: [1, stride], paddingLow: [0, low],
      paddingHigh: [0, high], dilations: [1, dilation], groups: groups)
  }
}
