extension Tensor {
  /// Two-dimensional convolution of this input [N, H, W, I] with a kernel [KH, KW, I / groups, O].
  public func convolution(
    _ kernel: Tensor, strides: [Int] = [1, 1], padding: Padding = .valid, dilations: [Int] = [1, 1], groups: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard rank == 4, kernel.rank == 4 else {
      shapeMistake(
        "convolution", [self, kernel], "expected input [N, H, W, I] and kernel [KH, KW, I / groups, O]", file: file,
        line: line)
    }
    let window = ConvolutionWindow(
      input: [shape[1], shape[2]], kernel: kernel, strides: strides, padding: padding, dilations: dilations,
      groups: groups)
    return convolution(.forward, kernel, window, file: file, line: line)
  }

  /// The transpose of a convolution: from its output's shape [N, OH, OW, O] back to its input's [N, H, W, I].
  ///
  /// The kernel is that of the convolution being transposed, [KH, KW, I / groups, O], so its last dimension matches this
  /// tensor's channels. `outputSize` is the height and width of the result, which strides leave open.
  public func transposedConvolution(
    _ kernel: Tensor, outputSize: [Int], strides: [Int] = [1, 1], padding: Padding = .valid,
    dilations: [Int] = [1, 1], groups: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard rank == 4, kernel.rank == 4 else {
      shapeMistake(
        "transposed convolution", [self, kernel], "expected [N, OH, OW, O] and kernel [KH, KW, I / groups, O]",
        file: file, line: line)
    }
    let window = ConvolutionWindow(
      input: outputSize, kernel: kernel, strides: strides, padding: padding, dilations: dilations, groups: groups)
    return convolution(.inputGradient, kernel, window, file: file, line: line)
  }

  /// One of the three directions of a convolution; see `ConvolutionDirection` for the operands.
  package func convolution(
    _ direction: ConvolutionDirection, _ other: Tensor, _ window: ConvolutionWindow, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    let geometry = window.strides + window.dilations + [window.groups]
    guard rank == 4, other.rank == 4, let (first, second, resultType) = matrixOperands(other),
      geometry.allSatisfy({ $0 > 0 }), let result = window.resultShape(direction, shape, other.shape)
    else {
      shapeMistake(
        "convolution (\(direction.rawValue))", [self, other],
        "shapes do not fit kernel size \(window.kernelSize), input size \(window.inputSize), output size "
          + "\(window.outputSize), groups \(window.groups)", file: file, line: line)
    }
    return graph.add(.convolution(direction, window), [first, second], shape: result, type: resultType)
  }
}

extension ConvolutionWindow {
  fileprivate init(
    input: [Int], kernel: Tensor, strides: [Int], padding: Padding, dilations: [Int], groups: Int
  ) {
    let kernelSize = [kernel.shape[0], kernel.shape[1]]
    let amounts = (0..<2).map {
      padding.amounts(input: input[$0], kernel: kernelSize[$0], stride: strides[$0], dilation: dilations[$0])
    }
    self.init(
      inputSize: input, kernelSize: kernelSize, strides: strides, paddingLow: amounts.map(\.low),
      paddingHigh: amounts.map(\.high), dilations: dilations, groups: groups)
  }

  /// The shape of the tensor that a direction computes, or `nil` when the operands' shapes do not fit the window.
  func resultShape(_ direction: ConvolutionDirection, _ first: Shape, _ second: Shape) -> Shape? {
    func fits(_ shape: Shape, _ size: [Int]) -> Bool { Array(shape.dimensions[1...2]) == size }
    let kernelFits = { (kernel: Shape) in Array(kernel.dimensions[0...1]) == kernelSize && kernel[3] % groups == 0 }
    switch direction {
    case .forward:
      guard fits(first, inputSize), kernelFits(second), first[3] == second[2] * groups else { return nil }
      return Shape([first[0]] + outputSize + [second[3]])
    case .inputGradient:
      guard fits(first, outputSize), kernelFits(second), first[3] == second[3] else { return nil }
      return Shape([first[0]] + inputSize + [second[2] * groups])
    case .kernelGradient:
      guard fits(first, inputSize), fits(second, outputSize), first[0] == second[0], first[3] % groups == 0,
        second[3] % groups == 0
      else { return nil }
      return Shape(kernelSize + [first[3] / groups, second[3]])
    }
  }
}
