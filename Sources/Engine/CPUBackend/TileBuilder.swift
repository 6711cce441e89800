import CLatentKernels
import LatentTensorGraph

/// Turns a cluster of element-wise nodes and reductions into a tile program.
struct TileBuilder {
  private let nodes: [Node]
  private var step: TileStep
  private var registers: [Int: Int] = [:]
  private var instructions: [TileInstruction] = []

  init(nodes: [Node], cluster: [Int], shape: Shape, reducing dimensions: [Int]) {
    self.nodes = nodes
    step = TileStep(node: cluster[cluster.count - 1], space: IterationSpace(shape, reducing: dimensions))
  }

  /// Loads a node's elements from memory.
  mutating func load(_ node: Int, from view: StorageView, type: ElementType) {
    guard registers[node] == nil else { return }
    let register = newRegister()
    registers[node] = register
    // How far apart the elements of a dimension of size 1 are means nothing.
    let strides = zip(view.sizes, view.strides).map { $0 == 1 ? 0 : $1 }
    step.inputs.append(
      .init(buffer: view.buffer, offset: view.offset, type: type, strides: strides, register: register))
  }

  /// Computes an element-wise node whose operands have registers.
  mutating func compute(_ index: Int) {
    let node = nodes[index]
    let operands = node.operands.compactMap { registers[$0] }
    let operandType = nodes[node.operands[0]].type
    let register = newRegister()
    registers[index] = register
    emit(opcode(of: node, operandType: operandType), operands, to: register)
    if node.type == .bfloat16, node.operation != .convert || !operandType.isFloatingPoint {
      emit(LATENT_OP_ROUND_TO_BF16, [register], to: register)
    }
  }

  /// Converts a node's loaded elements in their register.
  mutating func convert(_ node: Int, from source: ElementType, to target: ElementType) {
    guard let register = registers[node] else { return }
    let result = newRegister()
    registers[node] = result
    emit(conversion(from: source, to: target), [register], to: result)
    if target == .bfloat16, !source.isFloatingPoint { emit(LATENT_OP_ROUND_TO_BF16, [result], to: result) }
  }

  /// Stores a node's elements to a whole buffer or, for a view into one, at its strides.
  mutating func store(_ node: Int, to view: StorageView, type: ElementType) {
    guard var register = registers[node] else { return }
    // What was loaded, or is stored already, must not have its register moved to this destination.
    if (step.inputs + step.outputs).contains(where: { $0.register == register }) {
      let copy = newRegister()
      emit(LATENT_OP_COPY, [register], to: copy)
      register = copy
    }
    step.outputs.append(
      .init(buffer: view.buffer, offset: view.offset, type: type, strides: view.strides, register: register))
  }

  /// Folds a node's elements into a buffer.
  mutating func fold(_ node: Int, _ reduction: Reduction, type: ElementType, to buffer: Int) {
    guard var register = registers[node] else { return }
    if isScalar(register) {
      let copy = newRegister()
      emit(LATENT_OP_COPY, [register], to: copy)
      register = copy
    }
    step.folds.append(.init(reduction: reduction, type: type, register: register, buffer: buffer))
  }

  /// The finished step; small loops run on one thread.
  mutating func finished(threads: Int) -> TileStep {
    let kept = Set((step.outputs.map(\.register) + step.folds.map(\.register)))
    let scalars = Set(step.inputs.map(\.register).filter(isScalar))
    step.instructions = instructions.combined(keeping: kept).map { $0.bound(scalars: scalars) }
    let work = step.space.elementCount * (step.instructions.count + step.inputs.count + step.outputs.count)
    step.threads = work < parallelThreshold ? 1 : threads
    return step
  }

  private mutating func newRegister() -> Int {
    step.registerCount += 1
    return step.registerCount - 1
  }

  private mutating func emit(_ opcode: latent_opcode, _ operands: [Int], to result: Int) {
    instructions.append(TileInstruction(opcode: opcode, operands: operands, result: result))
  }

  /// Whether a register holds one lane for all elements of the loop.
  private func isScalar(_ register: Int) -> Bool {
    step.inputs.contains { $0.register == register && $0.strides.allSatisfy { $0 == 0 } }
  }
}

/// Element operations below which starting the other threads costs more than it saves.
let parallelThreshold = 32_768
