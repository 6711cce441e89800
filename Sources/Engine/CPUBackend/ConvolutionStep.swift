import CLatentOneDNN
import LatentDiagnostics
import LatentTensorGraph

/// One direction of a convolution by oneDNN.
struct ConvolutionStep: PlannedStep {
  let node: Int
  let first: BufferLocation
  let second: BufferLocation
  /// What follows the product while it is in registers.
  let epilogue: Epilogue
  let result: Int
  let resultBytes: Int
  let type: latent_dnn_type
  let resultType: latent_dnn_type
  let direction: ConvolutionDirection
  let shape: latent_convolution_shape
  /// Whether there is nothing to multiply, so that the result is zeros.
  let isEmpty: Bool

  var reads: [Int] { [first.buffer, second.buffer] + (epilogue.bias.map { [$0.buffer] } ?? []) }
  var writes: [Int] { [result] }
  var label: String {
    "convolution \(direction.rawValue) \(shape.in_size.0)x\(shape.in_size.1)x\(shape.in_channels) "
      + "-> \(shape.out_size.0)x\(shape.out_size.1)x\(shape.out_channels)" + epilogue.label
  }
  var flop: Int {
    let taps = shape.kernel_size.0 * shape.kernel_size.1 * shape.in_channels / shape.groups
    return Int(2 * shape.batch * shape.out_size.0 * shape.out_size.1 * shape.out_channels * taps)
  }

  func bind(_ memory: PlanMemory) throws -> any Step {
    let destination = OperandAddress(result, memory)
    if isEmpty {
      return CallStep { [resultBytes] in
        destination.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: resultBytes)
      }
    }
    var handle: OpaquePointer?
    var shape = shape
    let status = latent_convolution_create(&handle, type, resultType, direction.library, &shape, epilogue.library)
    guard status == 0, let handle else {
      throw LatentError.failure(
        "oneDNN refuses a convolution (\(direction.rawValue)) of \(shape.batch) x \(shape.in_size) x "
          + "\(shape.in_channels) with kernel \(shape.kernel_size) (status \(status))",
        remedy: "Use another kernel size, stride, or padding")
    }
    return LibraryStep(
      handle: handle, destroy: latent_convolution_destroy, scratch: latent_convolution_scratch_size(handle),
      lend: latent_convolution_lend_scratch,
      call: {
        [
          first = OperandAddress(first, memory), second = OperandAddress(second, memory),
          bias = epilogue.bias.map { OperandAddress($0, memory) }
        ] in
        latent_convolution_run(handle, first.pointer, second.pointer, bias?.pointer, destination.pointer)
      })
  }
}

extension ConvolutionDirection {
  fileprivate var library: latent_convolution_direction {
    switch self {
    case .forward: LATENT_CONVOLUTION_FORWARD
    case .inputGradient: LATENT_CONVOLUTION_INPUT_GRADIENT
    case .kernelGradient: LATENT_CONVOLUTION_KERNEL_GRADIENT
    }
  }
}

extension latent_convolution_shape {
  /// Input [N, H, W, I] and output [N, OH, OW, O] around a window.
  init(_ window: ConvolutionWindow, input: Shape, output: Shape) {
    func pair(_ values: [Int]) -> (Int64, Int64) { (Int64(values[0]), Int64(values[1])) }
    self.init(
      batch: Int64(input[0]), groups: Int64(window.groups), in_channels: Int64(input[3]),
      in_size: pair(window.inputSize), out_channels: Int64(output[3]), out_size: pair(window.outputSize),
      kernel_size: pair(window.kernelSize), strides: pair(window.strides), padding_low: pair(window.paddingLow),
      padding_high: pair(window.paddingHigh), dilations: pair(window.dilations))
  }
}
