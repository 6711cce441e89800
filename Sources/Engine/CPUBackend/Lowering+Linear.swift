import CLatentOneDNN
import LatentExecution
import LatentTensorGraph

extension Lowering {
  mutating func lowerDot(_ index: Int, _ transposeLeft: Bool, _ transposeRight: Bool, _ epilogue: [Int]) {
    let node = nodes[index]
    let leftShape = nodes[node.operands[0]].shape
    let (left, leftIsSwapped) = matrix(node.operands[0])
    let (right, rightIsSwapped) = matrix(node.operands[1])
    let inner = transposeLeft ? leftShape[-2] : leftShape[-1]
    let type = nodes[node.operands[0]].type
    let isRow = node.shape.rank == 2 && node.shape[0] == 1 && transposeRight == rightIsSwapped
    if isRow, node.type == .float32, inner > 0 {
      plan.steps.append(
        VectorProductStep(
          node: index, row: left, matrix: right, epilogue: makeEpilogue(index, epilogue),
          result: newBuffer(for: epilogue.last ?? index), inner: inner, columns: node.shape[1],
          isBFloat16: type == .bfloat16, threads: inner * node.shape[1] < 2 * parallelThreshold ? 1 : threads))
      return
    }
    plan.steps.append(
      MatrixProductStep(
        node: index, left: left, right: right, epilogue: makeEpilogue(index, epilogue),
        result: newBuffer(for: epilogue.last ?? index),
        type: nodes[node.operands[0]].type.library,
        resultType: node.type.library, batch: node.shape.dimensions.dropLast(2).reduce(1, *), rows: node.shape[-2],
        columns: node.shape[-1],
        inner: inner, transposeLeft: transposeLeft != leftIsSwapped, transposeRight: transposeRight != rightIsSwapped))
  }

  /// A matrix operand as it lies in memory; one whose last dimensions were only swapped needs no copy but a flag.
  private mutating func matrix(_ index: Int) -> (location: BufferLocation, isSwapped: Bool) {
    let view = view(of: index)
    var swapped = Array(view.sizes.indices)
    swapped.swapAt(swapped.count - 1, swapped.count - 2)
    if !view.isContiguous, view.transposed(swapped).isContiguous {
      return (BufferLocation(buffer: view.buffer, byteOffset: view.offset * nodes[index].type.byteCount), true)
    }
    return (location(of: index), false)
  }

  private mutating func makeEpilogue(_ product: Int, _ chain: [Int]) -> Epilogue {
    let pattern = EpiloguePattern(nodes: nodes, users: nil, isRoot: [])
    var epilogue = Epilogue()
    if let sum = chain.first {
      epilogue.bias = pattern.bias(of: sum, product).map { location(of: $0) }
      if chain.count > 1 { epilogue.activation = pattern.activation(of: chain[1], sum) ?? LATENT_DNN_IDENTITY }
    }
    return epilogue
  }

  mutating func lowerConvolution(
    _ index: Int, _ direction: ConvolutionDirection, _ window: ConvolutionWindow, _ epilogue: [Int]
  ) {
    let node = nodes[index]
    let (first, second) = (nodes[node.operands[0]].shape, nodes[node.operands[1]].shape)
    let (input, output) =
      switch direction {
      case .forward: (first, node.shape)
      case .inputGradient: (node.shape, first)
      case .kernelGradient: (first, second)
      }
    plan.steps.append(
      ConvolutionStep(
        node: index, first: location(of: node.operands[0]), second: location(of: node.operands[1]),
        epilogue: makeEpilogue(index, epilogue), result: newBuffer(for: epilogue.last ?? index),
        resultBytes: node.shape.elementCount * node.type.byteCount,
        type: nodes[node.operands[0]].type.library, resultType: node.type.library, direction: direction,
        shape: latent_convolution_shape(window, input: input, output: output),
        isEmpty: [first, second, node.shape].contains { $0.elementCount == 0 }))
  }
}

extension ElementType {
  fileprivate var library: latent_dnn_type { self == .bfloat16 ? LATENT_DNN_BF16 : LATENT_DNN_F32 }
}

/// The elements of a constant as they lie in memory.
func constantBytes(_ values: [Double], _ type: ElementType) -> [UInt8] {
  HostTensor(values, shape: [values.count], type: type).bytes
}
