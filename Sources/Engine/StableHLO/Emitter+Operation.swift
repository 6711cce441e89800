import LatentDiagnostics
import LatentTensorGraph

extension Emitter {
  /// Writes what computes a node, and names the result.
  mutating func emit(_ node: Node, _ operands: [Value]) -> Value {
    let type = TensorType(node.shape, node.type)
    // Whatever leads to no elements at all is not worth an operation, and some operations refuse it.
    if node.shape.elementCount == 0 { return function.constant(0, type) }
    switch node.operation {
    case .input, .variable, .parameter, .scan, .attention, .attentionGradient, .result:
      stop("\(node.operation) is an argument of a function, or has several results")
    case .constant(let values):
      return function.constant(values, type)
    case .iota(let dimension):
      return function.define(type, "stablehlo.iota dim = \(dimension) : \(type)")
    case .random(let distribution, let stream):
      return random(distribution, stream, operands[0], type)
    case .unary(let operation):
      return unary(operation, operands[0])
    case .binary(let operation):
      return binary(operation, operands[0], operands[1])
    case .compare(let comparison):
      return compare(comparison, operands[0], operands[1])
    case .select:
      return function.select(operands[0], operands[1], operands[2])
    case .convert:
      return convert(operands[0], to: type.element)
    case .reduce(let reduction, let dimensions):
      return reduce(reduction, dimensions, operands[0], to: type)
    case .argumentReduce(let reduction, let dimension):
      return argumentReduce(reduction, dimension, operands[0], to: type)
    case .cumulativeSum(let dimension, let isExclusive, let isReversed):
      return cumulativeSum(dimension, isExclusive, isReversed, operands[0])
    case .argumentSort(let dimension, let isDescending):
      return argumentSort(dimension, isDescending, operands[0], to: type)
    case .dot(let transposeLeft, let transposeRight):
      return dot(transposeLeft, transposeRight, operands[0], operands[1], to: type)
    case .convolution(let direction, let window):
      return convolution(direction, window, operands[0], operands[1], to: type)
    case .gather(let dimension):
      return gather(dimension, operands[0], operands[1], to: type)
    case .scatterAdd(let dimension, _):
      return scatterAdd(dimension, operands[0], operands[1], to: type)
    case .reshape:
      return function.reshape(operands[0], node.shape)
    case .transpose(let permutation):
      return function.mapped("transpose", operands, ", dims = \(permutation)", to: type)
    case .broadcast(let mapping):
      return function.broadcast(operands[0], mapping, to: node.shape)
    case .slice(let starts, let limits, let strides):
      return function.slice(operands[0], starts, limits, strides, to: node.shape)
    case .pad(let low, let high, let interior):
      return function.mapped("pad", operands, ", low = \(low), high = \(high), interior = \(interior)", to: type)
    case .concatenate(let dimension):
      return function.mapped("concatenate", operands, ", dim = \(dimension)", to: type)
    case .reverse(let dimensions):
      return function.define(type, "stablehlo.reverse \(operands[0].name), dims = \(dimensions) : \(type)")
    case .stopGradient, .gradientRule:
      return operands[0]
    case .barrier:
      return barrier(operands)
    }
  }
}
