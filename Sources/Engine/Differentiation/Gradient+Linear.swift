import LatentTensorGraph

/// With A' and B' the operands as the product sees them, dA' = G B'^T and dB' = A'^T G, transposed back where they were.
func dotPullback(
  _ transposeLeft: Bool, _ transposeRight: Bool, _ left: Tensor, _ right: Tensor, _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  var result: [Tensor?] = [nil, nil]
  if wanted[0] {
    result[0] =
      transposeLeft
      ? right.dot(cotangent, transposeLeft: transposeRight, transposeRight: true)
      : cotangent.dot(right, transposeRight: !transposeRight)
  }
  if wanted[1] {
    result[1] =
      transposeRight
      ? cotangent.dot(left, transposeLeft: true, transposeRight: transposeLeft)
      : left.dot(cotangent, transposeLeft: !transposeLeft)
  }
  return result
}

/// Every direction of a convolution is linear in both operands, and its gradients are the other two directions.
func convolutionPullback(
  _ direction: ConvolutionDirection, _ window: ConvolutionWindow, _ first: Tensor, _ second: Tensor,
  _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  switch direction {
  case .forward:
    [
      wanted[0] ? cotangent.convolution(.inputGradient, second, window) : nil,
      wanted[1] ? first.convolution(.kernelGradient, cotangent, window) : nil,
    ]
  case .inputGradient:
    [
      wanted[0] ? cotangent.convolution(.forward, second, window) : nil,
      wanted[1] ? cotangent.convolution(.kernelGradient, first, window) : nil,
    ]
  case .kernelGradient:
    [
      wanted[0] ? second.convolution(.inputGradient, cotangent, window) : nil,
      wanted[1] ? first.convolution(.forward, cotangent, window) : nil,
    ]
  }
}

/// A sum passes its cotangent to every element; an extremum to the elements equal to it, in equal shares.
func reducePullback(
  _ reduction: Reduction, _ dimensions: [Int], _ operand: Tensor, _ result: Tensor, _ cotangent: Tensor
) -> Tensor {
  let kept = operand.shape.dimensions.indices.filter { !dimensions.contains($0) }
  func spread(_ tensor: Tensor) -> Tensor { tensor.broadcast(to: operand.shape, mapping: kept) }
  switch reduction {
  case .sum:
    return spread(cotangent)
  case .maximum, .minimum:
    let isExtreme = operand.compare(.equal, spread(result)).converted(to: operand.type)
    return isExtreme * spread(cotangent / isExtreme.sum(dimensions))
  }
}
