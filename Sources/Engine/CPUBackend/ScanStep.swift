import LatentDiagnostics
import LatentTensorGraph

extension Lowering {
  /// A loop is one step with a plan of its own, which does not depend on the number of steps.
  mutating func lowerScan(_ index: Int, _ scan: Scan) throws {
    let node = nodes[index]
    // Only what somebody reads is computed; what is carried is always read, by the next step.
    let wanted = nodes.indices.filter { program.isLive[$0] && nodes[$0].operands == [index] }.compactMap { user in
      if case .result(let number) = nodes[user].operation { (number, user) } else { nil }
    }
    let stacked = wanted.map(\.0).filter { $0 >= scan.body.carriedCount }.sorted()
    let results = Array(0..<scan.body.carriedCount) + stacked
    let body = try Lowering.plan(
      Program(body: scan.body, results: results), threads: threads, fuses: fuses,
      carrying: scan.body.carriedCount)
    var places: [Int: Int] = [:]
    for (number, user) in wanted { places[number] = newBuffer(for: user) }
    for number in 0..<scan.body.carriedCount where places[number] == nil {
      places[number] = newBuffer(scan.shape(ofResult: number), type(of: number, scan))
    }
    let memory = MemoryPlan(body)
    // Bytes, since what they hold at last means nothing.
    let alternates = (0..<scan.body.carriedCount).map {
      newBuffer([scan.shape(ofResult: $0).elementCount * type(of: $0, scan).byteCount], .bool)
    }
    plan.steps.append(
      ScanStep(
        node: index, scan: scan, body: body, memory: memory, operands: node.operands.map { location(of: $0) },
        results: results.compactMap { places[$0] }, alternates: alternates,
        arena: newBuffer([memory.byteCount], .bool)))
  }

  private func type(of result: Int, _ scan: Scan) -> ElementType { scan.body.nodes[scan.body.results[result]].type }
}

/// A loop with the plan of its body.
struct ScanStep: PlannedStep {
  let node: Int
  let scan: Scan
  let body: Plan
  let memory: MemoryPlan
  /// First carried values, sequences, and captures, without gaps.
  let operands: [BufferLocation]
  /// The last carried values, and the stacks of the outputs that are wanted.
  let results: [Int]
  /// A second place for each carried value, so that no step writes what it reads.
  let alternates: [Int]
  /// What the body works in.
  let arena: Int

  var reads: [Int] { operands.map(\.buffer) }
  var writes: [Int] { results + alternates + [arena] }
  var label: String { "scan of \(scan.length) x \(body.steps.count) steps" }
  var flop: Int { scan.length * body.steps.reduce(0) { $0 + $1.flop } }

  func bind(_ memory: PlanMemory) throws -> any Step { try ScanRun(self, memory) }
}

/// A loop that runs: before each step the addresses of what moves are set, and nothing is copied.
private final class ScanRun: Step {
  /// Something that lies elsewhere in each step.
  private struct Moving {
    let cell: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let address: OperandAddress
    /// The bytes from one step's part to the next; 0 for captures.
    let stride: Int
  }

  /// What is carried: where a step reads it, where it writes it, and where that can be.
  private struct Carried {
    let cell: UnsafeMutablePointer<UnsafeMutableRawPointer>?
    let written: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let initial: OperandAddress, result: OperandAddress, alternate: OperandAddress
    let byteCount: Int
    /// Whether the step writes it to the place of an output, where the next one reads it.
    let isStacked: Bool
  }

  private let length: Int
  private let isReversed: Bool
  /// The place in which the step finds whether it is still needed.
  private let goesOn: UnsafeMutablePointer<UnsafeMutableRawPointer>?
  private let owned = OwnedMemory()
  private let moving: [Moving]
  private let carried: [Carried]
  private let steps: [any Step]

  init(_ step: ScanStep, _ outer: PlanMemory) throws {
    let scan = step.scan
    length = scan.length
    isReversed = scan.isReversed
    let operands = step.operands.map { OperandAddress($0, outer) }
    let results = step.results.map { OperandAddress($0, outer) }
    let arena = OperandAddress(step.arena, outer).pointer
    let plan = step.body
    var addresses: [UnsafeMutableRawPointer] = []
    var cells: [Int: UnsafeMutablePointer<UnsafeMutableRawPointer>] = [:]
    var moving: [Moving] = []
    var readers: [Int: UnsafeMutablePointer<UnsafeMutableRawPointer>] = [:]
    for (index, buffer) in plan.buffers.enumerated() {
      switch buffer.place {
      case .arena: addresses.append(arena + step.memory.offsets[index])
      case .constant(let bytes): addresses.append(try owned.allocate(bytes))
      case .parameter(let parameter):
        let address = operands[scan.operand(of: parameter)]
        addresses.append(address.pointer)
        if case .capture = parameter, !address.moves { continue }
        let cell = try owned.cell(address.pointer)
        cells[index] = cell
        switch parameter {
        case .carried(let number): readers[number] = cell
        case .sequence: moving.append(Moving(cell: cell, address: address, stride: buffer.byteCount))
        case .capture: moving.append(Moving(cell: cell, address: address, stride: 0))
        }
      case .result(let number):
        let cell = try owned.cell(results[number].pointer)
        addresses.append(results[number].pointer)
        cells[index] = cell
        if number >= scan.body.carriedCount {
          moving.append(Moving(cell: cell, address: results[number], stride: buffer.byteCount))
        }
      case .input, .variable: stop("an input or a variable within a loop")
      }
    }
    carried = (0..<scan.body.carriedCount).compactMap { number in
      guard let written = cells[plan.outputs[number]],
        case .result(let place) = plan.buffers[plan.outputs[number]].place
      else { return nil }
      return Carried(
        cell: readers[number], written: written, initial: operands[number], result: results[number],
        alternate: OperandAddress(step.alternates[number], outer),
        byteCount: plan.buffers[plan.outputs[number]].byteCount, isStacked: place >= scan.body.carriedCount)
    }
    self.moving = moving
    goesOn = step.results.count == scan.body.carriedCount ? scan.goesOn.flatMap { readers[$0] } : nil
    let memory = PlanMemory(addresses: addresses, cells: cells)
    steps = try plan.steps.map { try $0.bind(memory) }
  }

  var scratchByteCount: Int { steps.map(\.scratchByteCount).max() ?? 0 }

  func lendScratch(_ memory: UnsafeMutableRawPointer) {
    for step in steps { step.lendScratch(memory) }
  }

  func run() throws {
    for value in carried { value.cell?.pointee = value.initial.pointer }
    var isUntouched = true
    for turn in 0..<length {
      if let goesOn, goesOn.pointee.load(as: UInt8.self) == 0 { break }
      isUntouched = false
      let place = isReversed ? length - 1 - turn : turn
      for part in moving { part.cell.pointee = part.address.pointer + place * part.stride }
      for value in carried where !value.isStacked {
        // So that the last step writes to the place of the result.
        value.written.pointee = ((length - turn) % 2 == 1 ? value.result : value.alternate).pointer
      }
      for step in steps { try step.run() }
      for value in carried { value.cell?.pointee = value.written.pointee }
    }
    for value in carried {
      let last = isUntouched ? value.initial.pointer : value.written.pointee
      if last != value.result.pointer { value.result.pointer.copyMemory(from: last, byteCount: value.byteCount) }
    }
  }
}
