import CLatentKernels
import LatentDiagnostics
import LatentTensorGraph

/// A fused loop before it has memory.
struct TileStep: PlannedStep {
  /// A register's place in memory.
  struct Access {
    var buffer: Int
    /// Elements before the first one.
    var offset: Int
    var type: ElementType
    /// Elements between neighbours along each dimension of the shape.
    var strides: [Int]
    var register: Int
  }

  struct Fold {
    var reduction: Reduction
    var type: ElementType
    var register: Int
    var buffer: Int
  }

  var node: Int
  var space: IterationSpace
  var inputs: [Access] = []
  var instructions: [latent_instruction] = []
  var outputs: [Access] = []
  var folds: [Fold] = []
  var registerCount = 0
  var threads = 1

  var reads: [Int] { inputs.map(\.buffer) }
  var writes: [Int] { outputs.map(\.buffer) + folds.map(\.buffer) }
  var label: String {
    let kept = folds.isEmpty ? "" : " to [\(space.outer), \(space.inner)]"
    return "loop \(space.sizes)\(kept), \(instructions.count) operations"
  }

  /// Lets an output take the place of an input in memory: the value is written only after the last use of the input.
  mutating func writeInPlace(output buffer: Int, over previous: Int) {
    let overwritten = Set(inputs.filter { $0.buffer == previous }.map(\.register))
    guard !overwritten.isEmpty else { return }
    // Folds come after all instructions, so they need a copy of what will be gone by then.
    for index in folds.indices where overwritten.contains(folds[index].register) {
      let copy = newRegister()
      instructions.insert(copyInstruction(from: folds[index].register, to: copy), at: 0)
      folds[index].register = copy
    }
    for index in outputs.indices where outputs[index].buffer == buffer {
      let register = outputs[index].register
      let definition = instructions.lastIndex { $0.result == Int32(register) } ?? 0
      let isUsedLater = instructions[(definition + 1)...].contains { instruction in
        let operands = instruction.operands
        return [operands.0, operands.1, operands.2].contains { overwritten.contains(Int($0)) }
      }
      guard isUsedLater else { continue }
      outputs[index].register = newRegister()
      instructions.append(copyInstruction(from: register, to: outputs[index].register))
    }
  }

  private mutating func newRegister() -> Int {
    registerCount += 1
    return registerCount - 1
  }

  private func copyInstruction(from source: Int, to target: Int) -> latent_instruction {
    latent_instruction(
      kernel: latent_kernel_for(LATENT_OP_COPY, 0), operands: (Int32(source), -1, -1), result: Int32(target))
  }

  func bind(_ memory: PlanMemory) throws -> any Step {
    if space.elementCount == 0 && folds.isEmpty { return CallStep {} }
    let accesses = inputs + outputs
    let (sizes, strides) = space.merged(accesses.map(\.strides))
    guard sizes.count <= Int(LATENT_MAX_RANK), registerCount <= Int(LATENT_MAX_REGISTERS) else {
      throw LatentError.failure(
        "A fused loop has \(sizes.count) dimensions and \(registerCount) values, more than \(LATENT_MAX_RANK) and "
          + "\(LATENT_MAX_REGISTERS)", remedy: "Reshape the tensors to fewer dimensions")
    }
    let views = zip(accesses, strides).enumerated().map { index, pair in
      pair.0.view(memory, sizes: sizes, strides: pair.1, mayBeScalar: index < inputs.count)
    }
    let reductions = folds.map {
      latent_reduction(
        kind: $0.reduction.library, is_integer: $0.type == .int32 ? 1 : 0, reg: Int32($0.register),
        storage: $0.type.storage, result: memory.address($0.buffer))
    }
    return TileRun(
      self, sizes: sizes, views: views, reductions: reductions,
      addresses: accesses.map {
        OperandAddress(BufferLocation(buffer: $0.buffer, byteOffset: $0.offset * $0.type.byteCount), memory)
      }, sums: folds.map { OperandAddress($0.buffer, memory) })
  }
}

extension TileStep.Access {
  fileprivate func view(_ memory: PlanMemory, sizes: [Int], strides: [Int], mayBeScalar: Bool) -> latent_view {
    let contiguous = Shape(sizes).rowMajorStrides
    var view = latent_view()
    view.base = memory.address(buffer) + offset * type.byteCount
    view.storage = type.storage
    view.reg = Int32(register)
    // Checked first: over a single element, contiguous is as good as scalar and can be written too.
    if strides == contiguous {
      view.access = LATENT_ACCESS_CONTIGUOUS
    } else if mayBeScalar, strides.allSatisfy({ $0 == 0 }) {
      view.access = LATENT_ACCESS_SCALAR
    } else {
      view.access = LATENT_ACCESS_STRIDED
      withUnsafeMutableBytes(of: &view.strides) { bytes in
        let lanes = bytes.bindMemory(to: Int.self)
        for (dimension, stride) in strides.enumerated() { lanes[dimension] = stride }
      }
      (view.row, view.span) = repeatedRow(sizes, strides)
    }
    return view
  }
}

/// The innermost elements that a view goes through again and again, and how many elements it does so for; 0 if it does not.
private func repeatedRow(_ sizes: [Int], _ strides: [Int]) -> (row: Int, span: Int) {
  guard let last = strides.lastIndex(of: 0), last < strides.count - 1 else { return (0, 0) }
  let first = strides[..<last].lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
  return (sizes[(last + 1)...].reduce(1, *), sizes[first...].reduce(1, *))
}

/// A fused loop that runs: the C program and the memory it points to.
final class TileRun: Step {
  let program: UnsafeMutablePointer<latent_tile_program>
  private let inputs: UnsafeMutablePointer<latent_view>
  private let outputs: UnsafeMutablePointer<latent_view>
  private let instructions: UnsafeMutablePointer<latent_instruction>
  private let reductions: UnsafeMutablePointer<latent_reduction>
  private let scratch: UnsafeMutableRawPointer
  /// What must be told to the program before each run, because it may have moved.
  private let movingInputs: [(place: Int, address: OperandAddress)]
  private let movingOutputs: [(place: Int, address: OperandAddress)]
  private let movingSums: [(place: Int, address: OperandAddress)]

  init(
    _ step: TileStep, sizes: [Int], views: [latent_view], reductions: [latent_reduction],
    addresses: [OperandAddress], sums: [OperandAddress]
  ) {
    let inputCount = step.inputs.count
    movingInputs = addresses.prefix(inputCount).enumerated().filter(\.element.moves).map { ($0.offset, $0.element) }
    movingOutputs = addresses.dropFirst(inputCount).enumerated().filter(\.element.moves).map { ($0.offset, $0.element) }
    movingSums = sums.enumerated().filter(\.element.moves).map { ($0.offset, $0.element) }
    inputs = copied(views.prefix(step.inputs.count))
    outputs = copied(views.dropFirst(step.inputs.count))
    instructions = copied(step.instructions[...])
    self.reductions = copied(reductions[...])
    program = .allocate(capacity: 1)
    program.initialize(to: latent_tile_program())
    program.pointee.rank = Int32(sizes.count)
    withUnsafeMutableBytes(of: &program.pointee.sizes) { bytes in
      let lanes = bytes.bindMemory(to: Int.self)
      for (dimension, size) in sizes.enumerated() { lanes[dimension] = size }
    }
    program.pointee.outer = step.space.outer
    program.pointee.reduced = step.space.reduced
    program.pointee.inner = step.space.inner
    let row = views.prefix(inputCount).map(\.row).filter { $0 <= LATENT_TILE }.max() ?? 0
    program.pointee.tile = row > 0 ? Int(LATENT_TILE) / row * row : Int(LATENT_TILE)
    program.pointee.grain = row > 0 ? row : 64
    program.pointee.input_count = Int32(step.inputs.count)
    program.pointee.instruction_count = Int32(step.instructions.count)
    program.pointee.output_count = Int32(step.outputs.count)
    program.pointee.reduction_count = Int32(reductions.count)
    program.pointee.inputs = UnsafePointer(inputs)
    program.pointee.outputs = UnsafePointer(outputs)
    program.pointee.instructions = UnsafePointer(instructions)
    program.pointee.reductions = UnsafePointer(self.reductions)
    program.pointee.register_count = Int32(step.registerCount)
    program.pointee.threads = Int32(step.threads)
    scratch = .allocate(byteCount: max(64, latent_tile_scratch_size(program)), alignment: 64)
    program.pointee.scratch = scratch
  }

  deinit {
    for pointer in [inputs, outputs] { pointer.deallocate() }
    instructions.deallocate()
    reductions.deallocate()
    program.deallocate()
    scratch.deallocate()
  }

  func run() {
    refresh()
    latent_tile_run(program)
  }

  /// Looks up the addresses of what moves.
  func refresh() {
    for (place, address) in movingInputs { inputs[place].base = address.pointer }
    for (place, address) in movingOutputs { outputs[place].base = address.pointer }
    for (place, address) in movingSums { reductions[place].result = address.pointer }
  }
}

private func copied<Element>(_ elements: ArraySlice<Element>) -> UnsafeMutablePointer<Element> {
  let pointer = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
  for (index, element) in elements.enumerated() { (pointer + index).initialize(to: element) }
  return pointer
}
