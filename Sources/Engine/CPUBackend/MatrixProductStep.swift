import CLatentOneDNN
import LatentDiagnostics
import LatentTensorGraph

/// A batch of matrix products by oneDNN.
struct MatrixProductStep: PlannedStep {
  let node: Int
  /// Contiguous [batch, rows, columns] as stored, before transposition.
  let left: BufferLocation
  let right: BufferLocation
  /// What follows the product while it is in registers.
  let epilogue: Epilogue
  let result: Int
  let type: latent_dnn_type
  let resultType: latent_dnn_type
  let batch: Int
  let rows: Int
  let columns: Int
  let inner: Int
  let transposeLeft: Bool
  let transposeRight: Bool

  var reads: [Int] { [left.buffer, right.buffer] + (epilogue.bias.map { [$0.buffer] } ?? []) }
  var writes: [Int] { [result] }
  var label: String {
    "product \(batch > 1 ? "\(batch) x " : "")[\(rows), \(inner)]\(transposeLeft ? "'" : "") "
      + "[\(inner), \(columns)]\(transposeRight ? "'" : "")" + epilogue.label
  }
  var flop: Int { 2 * batch * rows * columns * inner }

  func bind(_ memory: PlanMemory) throws -> any Step {
    let destination = OperandAddress(result, memory)
    if [batch, rows, columns].contains(0) { return CallStep {} }
    if inner == 0 {
      let count = batch * rows * columns * (resultType == LATENT_DNN_BF16 ? 2 : 4)
      return CallStep { destination.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: count) }
    }
    var handle: OpaquePointer?
    let status = latent_matmul_create(
      &handle, type, resultType, Int64(batch), Int64(rows), Int64(columns), Int64(inner), transposeLeft ? 1 : 0,
      transposeRight ? 1 : 0, epilogue.library)
    guard status == 0, let handle else {
      throw LatentError.failure(
        "oneDNN refuses a matrix product of \(batch) x [\(rows), \(inner)] x [\(inner), \(columns)] (status \(status))",
        remedy: "Use a smaller batch, or the reference back end")
    }
    return LibraryStep(
      handle: handle, destroy: latent_matmul_destroy, scratch: latent_matmul_scratch_size(handle),
      lend: latent_matmul_lend_scratch,
      call: {
        [
          left = OperandAddress(left, memory), right = OperandAddress(right, memory),
          bias = epilogue.bias.map { OperandAddress($0, memory) }
        ] in
        latent_matmul_run(handle, left.pointer, right.pointer, bias?.pointer, destination.pointer)
      })
  }
}

/// A step that calls oneDNN and owns its handle.
final class LibraryStep: Step {
  let scratchByteCount: Int
  private let handle: OpaquePointer
  private let destroy: (OpaquePointer?) -> Void
  private let lend: (OpaquePointer?, UnsafeMutableRawPointer?) -> Void
  private let call: () -> Int32

  init(
    handle: OpaquePointer, destroy: @escaping (OpaquePointer?) -> Void, scratch: Int,
    lend: @escaping (OpaquePointer?, UnsafeMutableRawPointer?) -> Void, call: @escaping () -> Int32
  ) {
    self.handle = handle
    self.destroy = destroy
    scratchByteCount = scratch
    self.lend = lend
    self.call = call
  }

  func lendScratch(_ memory: UnsafeMutableRawPointer) { lend(handle, memory) }

  deinit { destroy(handle) }

  func run() throws {
    let status = call()
    if status != 0 {
      throw LatentError.failure("oneDNN failed with status \(status)", remedy: "Free some memory and run again")
    }
  }
}
