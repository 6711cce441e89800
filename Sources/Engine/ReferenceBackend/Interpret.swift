import LatentDiagnostics
import LatentExecution
import LatentRandomness
import LatentTensorGraph

/// The elements of a node's result, from the definition of its operation.
func interpret(_ node: Node, _ operands: [ReferenceArray]) -> [Double] {
  switch node.operation {
  case .input, .variable, .parameter, .scan, .attention, .attentionGradient, .result:
    stop("\(node.operation) is not computed from elements of operands")
  case .constant(let values):
    return values.count == 1 ? [Double](repeating: values[0], count: node.shape.elementCount) : values
  case .iota(let dimension):
    return indices(of: node.shape).map { Double($0[dimension]) }
  case .random(let distribution, let stream):
    return drawn(distribution, stream, randomState(operands[0].elements), node.shape)
  case .unary(let operation):
    return operands[0].elements.map { evaluate(operation, $0, node.type) }
  case .binary(let operation):
    return zip(operands[0].elements, operands[1].elements).map { evaluate(operation, $0, $1, node.type) }
  case .compare(let comparison):
    return zip(operands[0].elements, operands[1].elements).map { evaluate(comparison, $0, $1) ? 1 : 0 }
  case .select:
    return operands[0].elements.indices.map { operands[operands[0].elements[$0] != 0 ? 1 : 2].elements[$0] }
  case .convert:
    return operands[0].elements.map { converted($0, to: node.type) }
  case .stopGradient, .gradientRule, .barrier, .reshape:
    return operands[0].elements
  case .reduce(let reduction, let dimensions):
    return reduced(reduction, dimensions, operands[0], node.shape, node.type)
  case .argumentReduce(let reduction, let dimension):
    return argumentReduced(reduction, dimension, operands[0], node.shape)
  case .cumulativeSum(let dimension, let isExclusive, let isReversed):
    return cumulativelySummed(dimension, isExclusive, isReversed, operands[0], node.type)
  case .argumentSort(let dimension, let isDescending):
    return argumentsSorted(dimension, isDescending, operands[0])
  case .dot(let transposeLeft, let transposeRight):
    return product(operands[0], operands[1], transposeLeft, transposeRight, node.shape)
  case .convolution(let direction, let window):
    return convolved(direction, window, operands[0], operands[1], node.shape)
  case .gather, .scatterAdd, .transpose, .broadcast, .slice, .pad, .concatenate, .reverse:
    return moved(node, operands)
  }
}

private func randomState(_ words: [Double]) -> RandomState {
  RandomState(words: SIMD4(words.map { Int32($0) }))
}

private func drawn(
  _ distribution: RandomDistribution, _ stream: UInt32, _ state: RandomState, _ shape: Shape
) -> [Double] {
  let generator = Philox4x32(seed: state.seed)
  return (0..<shape.elementCount).map { element in
    let block = UInt32(element / 4)
    let lane = element % 4
    switch distribution {
    case .bits: return Double(Int32(bitPattern: generator.block(block, stream: stream, step: state.step)[lane]))
    case .uniform: return uniform(fromBits: generator.block(block, stream: stream, step: state.step)[lane])
    case .normal: return generator.normals(block, stream: stream, step: state.step)[lane]
    }
  }
}

func converted(_ value: Double, to type: ElementType) -> Double {
  switch type {
  case .float64: value
  case .float32: value
  case .bfloat16: Double(Float(bitPattern: UInt32(bfloat16Bits(Float(value))) << 16))
  case .int32: Double(saturated(value))
  case .bool: value != 0 ? 1 : 0
  }
}

private func reduced(
  _ reduction: Reduction, _ dimensions: [Int], _ operand: ReferenceArray, _ shape: Shape, _ type: ElementType
) -> [Double] {
  let start: Double =
    switch reduction {
    case .sum: 0
    case .maximum: type == .int32 ? Double(Int32.min) : -.infinity
    case .minimum: type == .int32 ? Double(Int32.max) : .infinity
    }
  var result = [Double](repeating: start, count: shape.elementCount)
  let target = ReferenceArray(shape, result)
  for (index, value) in zip(indices(of: operand.shape), operand.elements) {
    let place = target.offset(index.indices.filter { !dimensions.contains($0) }.map { index[$0] })
    switch reduction {
    case .sum: result[place] = evaluate(.add, result[place], value, type)
    case .maximum: result[place] = evaluate(.maximum, result[place], value, type)
    case .minimum: result[place] = evaluate(.minimum, result[place], value, type)
    }
  }
  return result
}

private func argumentReduced(
  _ reduction: ArgumentReduction, _ dimension: Int, _ operand: ReferenceArray, _ shape: Shape
) -> [Double] {
  indices(of: shape).map { index in
    var best = 0
    var bestValue = Double.nan
    for place in 0..<operand.shape[dimension] {
      var full = index
      full.insert(place, at: dimension)
      let value = operand[full]
      let better = reduction == .maximum ? value > bestValue : value < bestValue
      if place == 0 || (better && !bestValue.isNaN) || (value.isNaN && !bestValue.isNaN) {
        best = place
        bestValue = value
      }
    }
    return Double(best)
  }
}

private func product(
  _ left: ReferenceArray, _ right: ReferenceArray, _ transposeLeft: Bool, _ transposeRight: Bool, _ shape: Shape
) -> [Double] {
  let inner = transposeLeft ? left.shape[-2] : left.shape[-1]
  return indices(of: shape).map { index in
    let batch = index.dropLast(2)
    let row = index[index.count - 2]
    let column = index[index.count - 1]
    return (0..<inner).reduce(0) { sum, k in
      sum + left[batch + (transposeLeft ? [k, row] : [row, k])]
        * right[batch + (transposeRight ? [column, k] : [k, column])]
    }
  }
}

/// Visits every product input × kernel × output of the trilinear form and adds to the tensor that is wanted.
private func convolved(
  _ direction: ConvolutionDirection, _ window: ConvolutionWindow, _ first: ReferenceArray, _ second: ReferenceArray,
  _ shape: Shape
) -> [Double] {
  var result = [Double](repeating: 0, count: shape.elementCount)
  let target = ReferenceArray(shape, result)
  let outputs = direction == .forward ? shape : (direction == .inputGradient ? first.shape : second.shape)
  let kernels = direction == .kernelGradient ? shape : second.shape
  let outputsPerGroup = outputs[3] / window.groups
  let taps = indices(of: Shape(Array(kernels.dimensions[0...2])))
  for output in indices(of: outputs) {
    let group = output[3] / max(1, outputsPerGroup)
    for tap in taps {
      let place = (0..<2).map { (axis: Int) -> Int in
        let corner = output[1 + axis] * window.strides[axis] - window.paddingLow[axis]
        return corner + tap[axis] * window.dilations[axis]
      }
      guard (0..<2).allSatisfy({ (0..<window.inputSize[$0]).contains(place[$0]) }) else { continue }
      let input = [output[0], place[0], place[1], group * kernels[2] + tap[2]]
      let kernel = tap + [output[3]]
      switch direction {
      case .forward: result[target.offset(output)] += first[input] * second[kernel]
      case .inputGradient: result[target.offset(input)] += first[output] * second[kernel]
      case .kernelGradient: result[target.offset(kernel)] += first[input] * second[output]
      }
    }
  }
  return result
}
