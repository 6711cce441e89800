import LatentDiagnostics
import LatentTensorGraph

/// The operations that only place elements.
func moved(_ node: Node, _ operands: [ReferenceArray]) -> [Double] {
  let operand = operands[0]
  let shape = node.shape
  switch node.operation {
  case .transpose(let permutation):
    return indices(of: shape).map { index in
      var source = index
      for (place, dimension) in permutation.enumerated() { source[dimension] = index[place] }
      return operand[source]
    }
  case .broadcast(let mapping):
    return indices(of: shape).map { index in
      operand[mapping.enumerated().map { operand.shape[$0.offset] == 1 ? 0 : index[$0.element] }]
    }
  case .slice(let starts, _, let strides):
    return indices(of: shape).map { index in operand[index.indices.map { starts[$0] + index[$0] * strides[$0] }] }
  case .reverse(let dimensions):
    return indices(of: shape).map { index in
      operand[index.indices.map { dimensions.contains($0) ? shape[$0] - 1 - index[$0] : index[$0] }]
    }
  case .pad(let low, _, let interior):
    var result = [Double](repeating: operands[1].elements[0], count: shape.elementCount)
    let target = ReferenceArray(shape, result)
    for (index, value) in zip(indices(of: operand.shape), operand.elements) {
      result[target.offset(index.indices.map { low[$0] + index[$0] * (interior[$0] + 1) })] = value
    }
    return result
  case .concatenate(let dimension):
    return indices(of: shape).map { index in
      var index = index
      var part = 0
      while index[dimension] >= operands[part].shape[dimension] {
        index[dimension] -= operands[part].shape[dimension]
        part += 1
      }
      return operands[part][index]
    }
  case .gather(let dimension):
    return indices(of: shape).map { index in
      var source = index
      let wanted = Int(operands[1].elements[index[dimension]])
      source[dimension] = max(0, min(operand.shape[dimension] - 1, wanted))
      return operand[source]
    }
  case .scatterAdd(let dimension, let size):
    var result = [Double](repeating: 0, count: shape.elementCount)
    let target = ReferenceArray(shape, result)
    for (index, value) in zip(indices(of: operand.shape), operand.elements) {
      var place = index
      place[dimension] = Int(operands[1].elements[index[dimension]])
      if (0..<size).contains(place[dimension]) { result[target.offset(place)] += value }
    }
    return result
  default:
    stop("\(node.operation) does not only place elements")
  }
}
