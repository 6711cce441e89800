import LatentTensorGraph

extension ONNXEmitter {
  /// A matrix product over the last two dimensions.
  mutating func dot(
    _ operands: [String], _ extents: [[Extent]], _ transposeLeft: Bool, _ transposeRight: Bool
  ) -> String {
    let rank = extents[0].count
    guard rank > 2 else {
      guard transposeLeft || transposeRight else { return graph.add("MatMul", operands) }
      return graph.add(
        "Gemm", operands, [.integer("transA", transposeLeft ? 1 : 0), .integer("transB", transposeRight ? 1 : 0)])
    }
    let swapped = Array(0..<(rank - 2)) + [rank - 1, rank - 2]
    let matrices = zip(operands, [transposeLeft, transposeRight]).map { operand, isTransposed in
      isTransposed ? graph.add("Transpose", [operand], [.integers("perm", swapped)]) : operand
    }
    return graph.add("MatMul", matrices)
  }

  /// A convolution, or its transpose: ONNX has channels before rows, and the kernel's output channels first.
  mutating func convolution(
    _ direction: ConvolutionDirection, _ window: ConvolutionWindow, _ operands: [String]
  ) throws -> String {
    let input = graph.add("Transpose", [operands[0]], [.integers("perm", [0, 3, 1, 2])])
    let kernel = graph.add("Transpose", [operands[1]], [.integers("perm", [3, 2, 0, 1])])
    var attributes: [ONNXGraph.Attribute] = [
      .integers("strides", window.strides), .integers("dilations", window.dilations),
      .integers("kernel_shape", window.kernelSize), .integer("group", window.groups),
      .integers("pads", window.paddingLow + window.paddingHigh),
    ]
    let result: String
    switch direction {
    case .forward:
      result = graph.add("Conv", [input, kernel], attributes)
    case .inputGradient:
      // Rows of the input that no window reaches, because the stride does not divide it.
      let beyond = (0..<2).map { axis in
        let reached =
          window.strides[axis] * (window.outputSize[axis] - 1)
          + window.dilations[axis] * (window.kernelSize[axis] - 1) + 1
        return window.inputSize[axis] + window.paddingLow[axis] + window.paddingHigh[axis] - reached
      }
      attributes.append(.integers("output_padding", beyond))
      result = graph.add("ConvTranspose", [input, kernel], attributes)
    case .kernelGradient:
      throw unsupported("it has no operation for the gradient of a convolution's kernel")
    }
    return graph.add("Transpose", [result], [.integers("perm", [0, 2, 3, 1])])
  }
}
