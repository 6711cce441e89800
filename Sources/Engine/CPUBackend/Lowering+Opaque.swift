import CLatentKernels
import CLatentOneDNN
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph

extension Lowering {
  /// Lowers a node that is no part of a fused loop: a view of its operand, or a step of its own.
  ///
  /// - Parameter epilogue: the nodes after a product that its step computes too.
  mutating func lowerOpaque(_ index: Int, epilogue: [Int]) throws {
    let node = nodes[index]
    switch node.operation {
    case .scan(let scan):
      try lowerScan(index, scan)
    case .attention(let settings):
      lowerAttention(index, settings)
    case .attentionGradient(let settings):
      lowerAttentionGradient(index, settings)
    case .result:
      break
    case .input, .variable, .constant, .parameter, .unary, .binary, .compare, .select, .convert, .reduce:
      stop("\(program.describe(index)) is not opaque")
    case .reshape:
      let operand = view(of: node.operands[0])
      let source = operand.reshaped(to: node.shape)
      setView(index, source ?? StorageView(buffer: copy(operand, of: index).buffer, shape: node.shape))
    case .stopGradient, .gradientRule, .barrier:
      setView(index, view(of: node.operands[0]))
    case .transpose(let permutation):
      setView(index, view(of: node.operands[0]).transposed(permutation))
    case .broadcast(let mapping):
      setView(index, view(of: node.operands[0]).broadcast(to: node.shape, mapping: mapping))
    case .slice(let starts, _, let strides):
      setView(index, view(of: node.operands[0]).sliced(starts: starts, shape: node.shape, steps: strides))
    case .reverse(let dimensions):
      setView(index, view(of: node.operands[0]).reversed(dimensions))
    case .pad(let low, _, let interior):
      lowerPad(index, low, interior)
    case .concatenate(let dimension):
      lowerConcatenate(index, dimension)
    case .iota(let dimension):
      lowerIota(index, dimension)
    case .random(let distribution, let stream):
      let state = view(of: node.operands[0]).buffer
      let count = node.shape.elementCount
      plan.steps.append(
        RandomStep(
          node: index, distribution: distribution, stream: stream, state: state, result: newBuffer(for: index),
          count: count, threads: count < 4096 ? 1 : threads))
    case .argumentReduce(let reduction, let dimension):
      lowerArgumentReduce(index, reduction, dimension)
    case .cumulativeSum(let dimension, let isExclusive, let isReversed):
      lowerCumulativeSum(index, dimension, isExclusive, isReversed)
    case .argumentSort(let dimension, let isDescending):
      lowerArgumentSort(index, dimension, isDescending)
    case .dot(let transposeLeft, let transposeRight):
      lowerDot(index, transposeLeft, transposeRight, epilogue)
    case .convolution(let direction, let window):
      lowerConvolution(index, direction, window, epilogue)
    case .gather(let dimension):
      lowerGather(index, dimension)
    case .scatterAdd(let dimension, _):
      lowerScatterAdd(index, dimension)
    }
  }

  /// Fills with the value, then copies the operand into its place.
  private mutating func lowerPad(_ index: Int, _ low: [Int], _ interior: [Int]) {
    let node = nodes[index]
    let value = view(of: node.operands[1]).broadcast(to: node.shape, mapping: [])
    let operand = view(of: node.operands[0])
    let whole = StorageView(buffer: newBuffer(for: index), shape: node.shape)
    move(value, to: whole, of: index)
    let place = whole.sliced(starts: low, shape: Shape(operand.sizes), steps: interior.map { $0 + 1 })
    move(operand, to: place, of: index)
  }

  private mutating func lowerConcatenate(_ index: Int, _ dimension: Int) {
    let node = nodes[index]
    let operands = node.operands.map { ($0, view(of: $0)) }
    let whole = StorageView(buffer: newBuffer(for: index), shape: node.shape)
    var starts = node.shape.dimensions.map { _ in 0 }
    let steps = node.shape.dimensions.map { _ in 1 }
    for (_, operand) in operands {
      move(operand, to: whole.sliced(starts: starts, shape: Shape(operand.sizes), steps: steps), of: index)
      starts[dimension] += operand.sizes[dimension]
    }
  }

  private mutating func lowerIota(_ index: Int, _ dimension: Int) {
    let node = nodes[index]
    // Another type is rare here: it counts as int32 first and is converted by a fused loop.
    let isDirect = node.type == .float32 || node.type == .int32
    let counted = isDirect ? newBuffer(for: index) : newBuffer(node.shape, .int32)
    let extent = AxisExtent(node.shape, dimension)
    let isFloat: Int32 = node.type == .float32 ? 1 : 0
    plan.steps.append(
      KernelStep(node: index, label: "iota", reads: [], writes: [counted]) { memory in
        let result = OperandAddress(counted, memory)
        return { latent_iota(result.pointer, extent.outer, extent.size, extent.inner, isFloat) }
      })
    if !isDirect {
      var builder = TileBuilder(nodes: nodes, cluster: [index], shape: node.shape, reducing: [])
      builder.load(index, from: StorageView(buffer: counted, shape: node.shape), type: .int32)
      builder.convert(index, from: .int32, to: node.type)
      builder.store(index, to: StorageView(buffer: newBuffer(for: index), shape: node.shape), type: node.type)
      plan.steps.append(builder.finished(threads: threads))
    }
  }

  private mutating func lowerArgumentReduce(_ index: Int, _ reduction: ArgumentReduction, _ dimension: Int) {
    let operand = nodes[index].operands[0]
    let extent = AxisExtent(nodes[operand].shape, dimension)
    let isInteger = nodes[operand].type == .int32
    let source = lanes(of: operand)
    let result = newBuffer(for: index)
    let isMinimum: Int32 = reduction == .minimum ? 1 : 0
    plan.steps.append(
      KernelStep(node: index, label: "argument \(reduction.rawValue)", reads: [source.buffer], writes: [result]) {
        memory in
        let (from, to) = (OperandAddress(source, memory), OperandAddress(result, memory))
        if isInteger {
          return { latent_argument_i32(from.lanes(), to.lanes(), extent.outer, extent.size, extent.inner, isMinimum) }
        }
        return { latent_argument_f32(from.lanes(), to.lanes(), extent.outer, extent.size, extent.inner, isMinimum) }
      })
  }

  private mutating func lowerGather(_ index: Int, _ dimension: Int) {
    let node = nodes[index]
    let extent = AxisExtent(nodes[node.operands[0]].shape, dimension)
    let source = location(of: node.operands[0])
    let indices = location(of: node.operands[1])
    let result = newBuffer(for: index)
    let count = node.shape[dimension]
    let elementSize = node.type.byteCount
    plan.steps.append(
      KernelStep(node: index, label: "gather", reads: [source.buffer, indices.buffer], writes: [result]) { memory in
        let (from, to) = (OperandAddress(source, memory), OperandAddress(result, memory))
        let places = OperandAddress(indices, memory)
        return {
          latent_gather(
            from.pointer, places.lanes(), to.pointer, extent.outer, extent.size, extent.inner, count, elementSize)
        }
      })
  }

  private mutating func lowerScatterAdd(_ index: Int, _ dimension: Int) {
    let node = nodes[index]
    let extent = AxisExtent(node.shape, dimension)
    let updates = lanes(of: node.operands[0])
    let indices = location(of: node.operands[1])
    let count = nodes[node.operands[0]].shape[dimension]
    let isNarrow = node.type == .bfloat16
    let result = isNarrow ? newBuffer(node.shape, .float32) : newBuffer(for: index)
    let isInteger = node.type == .int32
    plan.steps.append(
      KernelStep(node: index, label: "scatterAdd", reads: [updates.buffer, indices.buffer], writes: [result]) {
        memory in
        let (from, to) = (OperandAddress(updates, memory), OperandAddress(result, memory))
        let places = OperandAddress(indices, memory)
        if isInteger {
          return {
            latent_scatter_add_i32(
              from.lanes(), places.lanes(), to.lanes(), extent.outer, extent.size, extent.inner, count)
          }
        }
        return {
          latent_scatter_add_f32(
            from.lanes(), places.lanes(), to.lanes(), extent.outer, extent.size, extent.inner, count)
        }
      })
    if isNarrow {
      narrow(StorageView(buffer: result, shape: node.shape), to: index)
    }
  }

  /// A node's elements as contiguous 32-bit lanes, widened from bfloat16 if need be.
  mutating func lanes(of index: Int) -> BufferLocation {
    guard nodes[index].type == .bfloat16 else { return location(of: index) }
    let shape = nodes[index].shape
    let wide = StorageView(buffer: newBuffer(shape, .float32), shape: shape)
    var builder = TileBuilder(nodes: nodes, cluster: [index], shape: shape, reducing: [])
    builder.load(index, from: view(of: index), type: .bfloat16)
    builder.store(index, to: wide, type: .float32)
    plan.steps.append(builder.finished(threads: threads))
    return BufferLocation(buffer: wide.buffer)
  }

  /// Rounds float32 elements into a bfloat16 node's own buffer.
  mutating func narrow(_ wide: StorageView, to index: Int) {
    let shape = nodes[index].shape
    var builder = TileBuilder(nodes: nodes, cluster: [index], shape: shape, reducing: [])
    builder.load(index, from: wide, type: .float32)
    builder.store(index, to: StorageView(buffer: newBuffer(for: index), shape: shape), type: .bfloat16)
    plan.steps.append(builder.finished(threads: threads))
  }
}
