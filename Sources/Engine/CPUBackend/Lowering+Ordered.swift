import CLatentKernels
import LatentTensorGraph

extension Lowering {
  mutating func lowerCumulativeSum(_ index: Int, _ dimension: Int, _ isExclusive: Bool, _ isReversed: Bool) {
    let node = nodes[index]
    let extent = AxisExtent(node.shape, dimension)
    let source = lanes(of: node.operands[0])
    let isNarrow = node.type == .bfloat16
    let result = isNarrow ? newBuffer(node.shape, .float32) : newBuffer(for: index)
    let isInteger = node.type == .int32
    let (exclusive, reversed): (Int32, Int32) = (isExclusive ? 1 : 0, isReversed ? 1 : 0)
    plan.steps.append(
      KernelStep(node: index, label: "cumulative sum", reads: [source.buffer], writes: [result]) { memory in
        let (from, to) = (OperandAddress(source, memory), OperandAddress(result, memory))
        if isInteger {
          return {
            latent_cumulative_sum_i32(
              from.lanes(), to.lanes(), extent.outer, extent.size, extent.inner, exclusive, reversed)
          }
        }
        return {
          latent_cumulative_sum_f32(
            from.lanes(), to.lanes(), extent.outer, extent.size, extent.inner, exclusive, reversed)
        }
      })
    if isNarrow { narrow(StorageView(buffer: result, shape: node.shape), to: index) }
  }

  mutating func lowerArgumentSort(_ index: Int, _ dimension: Int, _ isDescending: Bool) {
    let operand = nodes[index].operands[0]
    let extent = AxisExtent(nodes[operand].shape, dimension)
    let isInteger = nodes[operand].type == .int32
    let source = lanes(of: operand)
    let result = newBuffer(for: index)
    // Two 64-bit entries for each element of one line.
    let scratch = newBuffer([4 * extent.size], .int32)
    let descending: Int32 = isDescending ? 1 : 0
    plan.steps.append(
      KernelStep(node: index, label: "argument sort", reads: [source.buffer], writes: [result, scratch]) { memory in
        let (from, to) = (OperandAddress(source, memory), OperandAddress(result, memory))
        let entries = memory.address(scratch).assumingMemoryBound(to: UInt64.self)
        if isInteger {
          return {
            latent_argument_sort_i32(
              from.lanes(), to.lanes(), entries, extent.outer, extent.size, extent.inner, descending)
          }
        }
        return {
          latent_argument_sort_f32(
            from.lanes(), to.lanes(), entries, extent.outer, extent.size, extent.inner, descending)
        }
      })
  }
}
