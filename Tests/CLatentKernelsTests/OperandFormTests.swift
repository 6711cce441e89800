import CLatentKernels
import Foundation
import Testing

/// Every kernel in every form: which operands are scalars, how many lanes there are, where the result goes.
@Suite("Operand forms")
struct OperandFormTests {
  static let counts = [0, 1, 7, 15, 16, 17, 31, 33, 100, 1000, 1024]

  /// Lanes that are floats and, for operations on masks, masks. Positive and negative, none zero where it matters.
  static func operand(_ number: Int, _ op: latent_opcode) -> [UInt32] {
    let isMask = op == LATENT_OP_NOT_MASK || (op == LATENT_OP_SELECT && number == 0)
    return (0..<1024).map { i in
      let x = Float((i * (7 + number * 4)) % 211 - 80 + number) * 0.0625 + 0.01
      return isMask ? UInt32((i / 3) % 2) : x.bitPattern
    }
  }

  @Test("A lane's result depends on the lane's operands alone, to the bit", arguments: latent_opcode.all)
  func lanesAreIndependent(op: latent_opcode) throws {
    let operands = (0..<3).map { Self.operand($0, op) }
    let kernel = try #require(latent_kernel_for(op, 0))
    // The definition: one lane at a time, in vector form.
    for scalars in 0..<UInt32(1 << op.operandCount) {
      var expected = [UInt32](repeating: 0, count: 1024)
      for i in expected.indices {
        let lanes = (0..<3).map { [operands[$0][scalars >> UInt32($0) & 1 == 1 ? 0 : i]] }
        kernel(1, lanes[0], lanes[1], lanes[2], &expected[i])
      }
      for count in Self.counts {
        let results = try apply(op, count: count, scalars: scalars, operands[0], operands[1], operands[2])
        #expect(results == Array(expected[..<count]), "scalars \(scalars), \(count) lanes")
      }
    }
  }

  @Test("The result may be any operand", arguments: latent_opcode.all)
  func resultMayBeAnOperand(op: latent_opcode) throws {
    let operands = (0..<3).map { Self.operand($0, op) }
    for scalars in 0..<UInt32(1 << op.operandCount) {
      let kernel = try #require(latent_kernel_for(op, scalars))
      for count in Self.counts {
        let expected = try apply(op, count: count, scalars: scalars, operands[0], operands[1], operands[2])
        for aliased in 0..<op.operandCount {
          var lanes = operands[aliased]
          lanes.withUnsafeMutableBytes { shared in
            let base = UnsafeRawPointer(shared.baseAddress)
            operands[0].withUnsafeBytes { a in
              operands[1].withUnsafeBytes { b in
                operands[2].withUnsafeBytes { c in
                  kernel(
                    count, aliased == 0 ? base : a.baseAddress, aliased == 1 ? base : b.baseAddress,
                    aliased == 2 ? base : c.baseAddress, shared.baseAddress)
                }
              }
            }
          }
          #expect(Array(lanes[..<count]) == expected, "scalars \(scalars), \(count) lanes, operand \(aliased)")
        }
      }
    }
  }

  @Test("Operand counts are known for operations and zero for anything else")
  func operandCounts() {
    #expect(latent_opcode.all.allSatisfy { (1...3).contains($0.operandCount) })
    #expect(LATENT_OP_COPY.operandCount == 1)
    #expect(LATENT_OP_XOR.operandCount == 2)
    #expect(LATENT_OP_SELECT.operandCount == 3)
    #expect(LATENT_OP_COUNT.operandCount == 0)
    #expect(latent_kernel_for(LATENT_OP_COUNT, 0) == nil)
  }
}

@Suite("Memory conversions")
struct MemoryConversionTests {
  @Test("Bytes become masks and masks become bytes")
  func bytes() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 % 5 == 0 ? 0 : $0) }
    for count in OperandFormTests.counts where count <= 1000 {
      var masks = [Int32](repeating: 9, count: 1001)
      latent_load_u8(count, bytes, &masks)
      #expect(masks[..<count].elementsEqual(bytes[..<count].map { $0 == 0 ? 0 : 1 }))
      #expect(masks[count] == 9)
      var back = [UInt8](repeating: 9, count: 1001)
      latent_store_u8(count, masks, &back)
      #expect(back[..<count].elementsEqual(masks[..<count].map { UInt8($0) }))
      #expect(back[count] == 9)
    }
    var byte: UInt8 = 0
    latent_store_u8(1, [256], &byte)
    #expect(byte == 1)
  }

  @Test("Storing bfloat16 rounds to the nearest, and every bfloat16 survives the way there and back")
  func bfloat16() throws {
    let all = Array(0...UInt16.max)
    var floats = [Float](repeating: 0, count: all.count)
    latent_load_bf16(all.count, all, &floats)
    #expect(zip(all, floats).allSatisfy { $1.bitPattern == UInt32($0) << 16 })
    var back = [UInt16](repeating: 0, count: all.count)
    latent_store_bf16(all.count, floats, &back)
    #expect(zip(back, zip(all, floats)).allSatisfy { $0 == $1.0 || ($1.1.isNaN && $0 & 0x7FFF > 0x7F80) })

    let ordinary = ExactKernelTests.floats
    let rounded = try apply(LATENT_OP_ROUND_TO_BF16, ordinary)
    var stored = [UInt16](repeating: 0, count: ordinary.count)
    latent_store_bf16(ordinary.count, ordinary, &stored)
    #expect(zip(stored, rounded).allSatisfy { UInt32($0) << 16 == $1.bitPattern })
  }

  @Test("Strided lanes are gathered and scattered, forwards and backwards", arguments: [-3, -1, 0, 1, 2, 7])
  func strided(stride: Int) throws {
    let memory = (0..<4000).map { Int32($0) }
    let start = stride < 0 ? 3999 : 0
    for count in [0, 1, 7, 16, 500] {
      let places = (0..<count).map { start + $0 * stride }
      var gathered = [Int32](repeating: -1, count: count + 1)
      try memory.withUnsafeBufferPointer {
        latent_load_strided32(count, try #require($0.baseAddress) + start, stride, &gathered)
      }
      #expect(gathered == places.map { Int32($0) } + [-1])

      if stride == 0 { continue }
      var scattered = [Int32](repeating: -1, count: 4000)
      try scattered.withUnsafeMutableBufferPointer {
        latent_store_strided32(count, gathered, stride, try #require($0.baseAddress) + start)
      }
      var expected = [Int32](repeating: -1, count: 4000)
      for place in places { expected[place] = Int32(place) }
      #expect(scattered == expected)
    }
  }

  @Test("Filling writes one lane everywhere, even over itself")
  func fill() {
    var lanes: [Float] = [1, 2, 3, 4, 5]
    var lane: Float = 7
    latent_fill32(4, &lane, &lanes)
    #expect(lanes == [7, 7, 7, 7, 5])
    lanes.withUnsafeMutableBytes { latent_fill32(5, $0.baseAddress.map { $0 + 16 }, $0.baseAddress) }
    #expect(lanes == [5, 5, 5, 5, 5])
    lane = 0
    latent_fill32(0, &lane, &lanes)
    #expect(lanes == [5, 5, 5, 5, 5])
  }
}
