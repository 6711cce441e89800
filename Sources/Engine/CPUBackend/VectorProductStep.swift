import CLatentKernels
import CLatentOneDNN
import LatentTensorGraph

/// The product of one row with a matrix, by our own kernel: oneDNN's products are made for many rows.
struct VectorProductStep: PlannedStep {
  let node: Int
  let row: BufferLocation
  let matrix: BufferLocation
  let epilogue: Epilogue
  let result: Int
  let inner: Int
  let columns: Int
  let isBFloat16: Bool
  let threads: Int

  var reads: [Int] { [row.buffer, matrix.buffer] + (epilogue.bias.map { [$0.buffer] } ?? []) }
  var writes: [Int] { [result] }
  var label: String { "product [1, \(inner)] [\(inner), \(columns)]" + epilogue.label }
  var flop: Int { 2 * inner * columns }

  func bind(_ memory: PlanMemory) -> any Step {
    VectorProductRun(self, memory)
  }
}

private final class VectorProductRun: Step {
  private let product: UnsafeMutablePointer<latent_vector_product>
  private let scratch: UnsafeMutablePointer<Float>
  private let zero: UnsafeMutablePointer<Float>
  private let row: OperandAddress
  private let matrix: OperandAddress
  private let bias: OperandAddress?
  private let result: OperandAddress
  private let threads: Int32

  init(_ step: VectorProductStep, _ memory: PlanMemory) {
    product = .allocate(capacity: 1)
    scratch = .allocate(capacity: max(1, step.inner))
    zero = .allocate(capacity: 1)
    zero.initialize(to: 0)
    row = OperandAddress(step.row, memory)
    matrix = OperandAddress(step.matrix, memory)
    bias = step.epilogue.bias.map { OperandAddress($0, memory) }
    result = OperandAddress(step.result, memory)
    threads = Int32(step.threads)
    product.initialize(to: latent_vector_product())
    product.pointee.k = step.inner
    product.pointee.n = step.columns
    product.pointee.is_bf16 = step.isBFloat16 ? 1 : 0
    product.pointee.scratch = scratch
    switch step.epilogue.activation {
    case LATENT_DNN_TANH: product.pointee.activation = latent_kernel_for(LATENT_OP_TANH, 0)
    case LATENT_DNN_LOGISTIC: product.pointee.activation = latent_kernel_for(LATENT_OP_LOGISTIC, 0)
    case LATENT_DNN_RELU:
      product.pointee.activation = latent_kernel_for(LATENT_OP_MAXIMUM, 2)
      product.pointee.activation_operand = UnsafeRawPointer(zero)
    default: break
    }
  }

  deinit {
    product.deallocate()
    scratch.deallocate()
    zero.deallocate()
  }

  func run() {
    product.pointee.x = UnsafeRawPointer(row.pointer)
    product.pointee.w = UnsafeRawPointer(matrix.pointer)
    product.pointee.bias = bias.map { UnsafePointer($0.pointer.assumingMemoryBound(to: Float.self)) }
    product.pointee.y = result.pointer.assumingMemoryBound(to: Float.self)
    latent_vector_product_run(product, threads)
  }
}
