import LatentTensorGraph

/// A step of a plan before it has memory: which buffers it reads and writes, and how to make it run.
protocol PlannedStep: Sendable {
  /// The graph's node that it computes, for messages.
  var node: Int { get }
  var reads: [Int] { get }
  var writes: [Int] { get }
  /// The kind of step and its sizes, for profiles.
  var label: String { get }
  /// Floating-point operations of products; element-wise work is not counted.
  var flop: Int { get }

  /// Binds the step to memory.
  ///
  /// - Throws: `LatentError` when a library refuses the operation.
  func bind(_ memory: PlanMemory) throws -> any Step
}

extension PlannedStep {
  var flop: Int { 0 }
}

/// A step that runs: everything it needs has been worked out, so that a run allocates and decides nothing.
protocol Step: AnyObject {
  func run() throws

  /// How many bytes it works in besides its operands.
  var scratchByteCount: Int { get }

  /// Gives it memory to work in, which steps that run before or after it may have too.
  func lendScratch(_ memory: UnsafeMutableRawPointer)
}

extension Step {
  var scratchByteCount: Int { 0 }

  func lendScratch(_ memory: UnsafeMutableRawPointer) {}
}

/// The addresses of a plan's buffers.
struct PlanMemory {
  let addresses: [UnsafeMutableRawPointer]
  /// For buffers that move between runs (inputs that are lent, slices of a loop) where their present address stands.
  let cells: [Int: UnsafeMutablePointer<UnsafeMutableRawPointer>]

  /// Where a buffer lies, unless it moves.
  func address(_ buffer: Int) -> UnsafeMutableRawPointer { addresses[buffer] }

  func address(_ location: BufferLocation) -> UnsafeMutableRawPointer {
    addresses[location.buffer] + location.byteOffset
  }
}

/// Where an operand is read or written, at the time of the run: it may have moved since the run before.
struct OperandAddress {
  private let fixed: UnsafeMutableRawPointer
  private let cell: UnsafeMutablePointer<UnsafeMutableRawPointer>?
  private let offset: Int

  init(_ location: BufferLocation, _ memory: PlanMemory) {
    fixed = memory.address(location)
    cell = memory.cells[location.buffer]
    offset = location.byteOffset
  }

  init(_ buffer: Int, _ memory: PlanMemory) { self.init(BufferLocation(buffer: buffer), memory) }

  /// Whether it can be elsewhere at the next run.
  var moves: Bool { cell != nil }

  var pointer: UnsafeMutableRawPointer { cell.map { $0.pointee + offset } ?? fixed }

  /// The place as 32-bit lanes, for kernels in C.
  func lanes<Lane>() -> UnsafeMutablePointer<Lane> { pointer.assumingMemoryBound(to: Lane.self) }

  /// The same, to read from.
  func lanes<Lane>() -> UnsafePointer<Lane> { UnsafePointer(pointer.assumingMemoryBound(to: Lane.self)) }
}

/// A place in a buffer from which elements lie in row-major order without gaps.
struct BufferLocation {
  var buffer: Int
  var byteOffset = 0
}

/// A step that is a call of a C function.
final class CallStep: Step {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }

  func run() { body() }
}
