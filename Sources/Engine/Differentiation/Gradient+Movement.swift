import LatentTensorGraph

/// Sums the cotangent over the repetitions.
func broadcastPullback(_ mapping: [Int], _ operand: Tensor, _ cotangent: Tensor) -> Tensor {
  var repeated = cotangent.shape.dimensions.indices.filter { !mapping.contains($0) }
  for (dimension, target) in mapping.enumerated() where operand.shape[dimension] != cotangent.shape[target] {
    repeated.append(target)
  }
  return cotangent.sum(repeated).reshape(operand.shape)
}

/// Takes the operand's share out of the cotangent; what is left belongs to the scalar that filled.
func padPullback(
  _ low: [Int], _ interior: [Int], _ operand: Tensor, _ cotangent: Tensor, _ wanted: [Bool]
) -> [Tensor?] {
  let limits = low.indices.map { axis -> Int in
    let size = operand.shape[axis]
    return low[axis] + (size == 0 ? 0 : (size - 1) * (interior[axis] + 1) + 1)
  }
  let inner = cotangent.slice(starts: low, limits: limits, strides: interior.map { $0 + 1 })
  return [inner, wanted[1] ? cotangent.sum() - inner.sum() : nil]
}

/// Each operand's part of the cotangent.
func concatenatePullback(_ dimension: Int, _ operands: [Tensor], _ cotangent: Tensor) -> [Tensor?] {
  var start = 0
  return operands.map { operand in
    let range = start..<(start + operand.shape[dimension])
    start = range.upperBound
    return cotangent.slice(dimension, range)
  }
}

/// The cotangent at each update's index; an update that was ignored gets zero.
func scatterAddPullback(_ dimension: Int, _ size: Int, _ indices: Tensor, _ cotangent: Tensor) -> Tensor {
  guard size > 0 else {
    let shape = cotangent.shape.replacing(dimension, with: indices.shape[0])
    return cotangent.graph.constant([0], shape: shape, type: cotangent.type)
  }
  let inside = indices.compare(.greaterOrEqual, 0) & indices.compare(.less, Double(size))
  let gathered = cotangent.gather(indices, dimension: dimension)
  return inside.broadcast(to: gathered.shape, mapping: [dimension]).select(gathered, gathered.scalar(0))
}
