import CLatentKernels

/// One element-wise operation of a tile program before it has a kernel.
struct TileInstruction {
  var opcode: latent_opcode
  var operands: [Int]
  var result: Int

  /// The instruction with the kernel for its operands, some of which are one lane only.
  func bound(scalars: Set<Int>) -> latent_instruction {
    var mask: UInt32 = 0
    for (place, operand) in operands.enumerated() where scalars.contains(operand) { mask |= 1 << UInt32(place) }
    let padded = operands.map(Int32.init) + [Int32](repeating: -1, count: 3 - operands.count)
    return latent_instruction(
      kernel: latent_kernel_for(opcode, mask), operands: (padded[0], padded[1], padded[2]), result: Int32(result))
  }
}

extension [TileInstruction] {
  /// The same computation with sums of products as one instruction each, and quotients by a root likewise: fewer passes over
  /// the registers. Adam's update shrinks from twelve instructions to seven.
  ///
  /// - Parameter kept: registers that are stored or folded, whose values must come to be.
  func combined(keeping kept: Set<Int>) -> [TileInstruction] {
    var uses: [Int: Int] = [:]
    var definitions: [Int: [Int]] = [:]
    for (index, instruction) in enumerated() {
      for operand in Set(instruction.operands) { uses[operand, default: 0] += 1 }
      definitions[instruction.result, default: []].append(index)
    }
    var result = self
    var isAbsorbed = [Bool](repeating: false, count: count)

    /// The instruction behind an operand, if nobody else needs its result and it does what is asked for.
    func producer(of operand: Int, _ opcode: latent_opcode) -> Int? {
      guard uses[operand] == 1, !kept.contains(operand), let places = definitions[operand], places.count == 1,
        result[places[0]].opcode == opcode
      else { return nil }
      return places[0]
    }

    func replace(_ index: Int, by opcode: latent_opcode, _ operands: [Int], absorbing absorbed: [Int]) {
      result[index].opcode = opcode
      result[index].operands = operands
      for place in absorbed { isAbsorbed[place] = true }
    }

    for (index, instruction) in enumerated() where instruction.operands.count == 2 {
      let (left, right) = (instruction.operands[0], instruction.operands[1])
      guard left != right else { continue }
      switch instruction.opcode {
      case LATENT_OP_ADD:
        if let product = producer(of: right, LATENT_OP_MULTIPLY) {
          replace(index, by: LATENT_OP_MULTIPLY_ADD, result[product].operands + [left], absorbing: [product])
        } else if let product = producer(of: left, LATENT_OP_MULTIPLY) {
          replace(index, by: LATENT_OP_MULTIPLY_ADD, result[product].operands + [right], absorbing: [product])
        }
      case LATENT_OP_SUBTRACT:
        if let product = producer(of: right, LATENT_OP_MULTIPLY) {
          replace(index, by: LATENT_OP_SUBTRACT_PRODUCT, result[product].operands + [left], absorbing: [product])
        }
      case LATENT_OP_DIVIDE:
        guard let sum = producer(of: right, LATENT_OP_ADD),
          let root = producer(of: result[sum].operands[0], LATENT_OP_SQRT)
        else { continue }
        replace(
          index, by: LATENT_OP_QUOTIENT_BY_ROOT, [left, result[root].operands[0], result[sum].operands[1]],
          absorbing: [sum, root])
      default: continue
      }
    }
    return indices.filter { !isAbsorbed[$0] }.map { result[$0] }
  }
}
