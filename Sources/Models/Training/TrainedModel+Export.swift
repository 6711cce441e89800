import Foundation
import LatentDiagnostics
import LatentFileFormats
import LatentONNX
import LatentStableHLO
import LatentTensorGraph

/// A form in which a part of a model is taken away.
public enum ExportFormat: String, Hashable, Sendable, CaseIterable {
  /// An ONNX model for any number of examples, weights included.
  case onnx
  /// StableHLO text for one number of examples, weights included as constants.
  case stablehlo
  /// The weights alone, by their names here.
  case safetensors
  /// The weights as a state dictionary that `torch.load` reads, laid out as PyTorch's layers have them.
  case torchState = "torch-state"

  /// How the name of a file ends that holds it.
  public var ending: String {
    switch self {
    case .onnx: ".onnx"
    case .stablehlo: ".mlir"
    case .safetensors: ".safetensors"
    case .torchState: ".pt"
    }
  }
}

extension TrainedModel {
  /// A part of the model as the contents of a file.
  ///
  /// - Parameter batchSize: for how many examples, in a form that leaves it not open (StableHLO).
  /// - Throws: `LatentError` for what the form has no words for, and for a model without latents.
  public func exported(_ part: ModelPart, as format: ExportFormat, batchSize: Int = 1) throws -> Data {
    switch format {
    case .onnx:
      let model = try ONNXModel(
        name: part.rawValue, outputs: program(part, batchSize: 1).outputs, value: { try store.value(of: $0).bytes },
        trace: { try program(part, batchSize: $0).program })
      return Data(model.bytes)
    case .stablehlo:
      let program = try program(part, batchSize: batchSize).program
      let values = try program.variables.map { ($0, try store.value(of: $0).bytes) }
      return Data(StableHLOModule(program, constants: Dictionary(uniqueKeysWithValues: values)).text.utf8)
    case .safetensors:
      return Safetensors(tensors: try weights(part), metadata: ["format": "latent-\(part.rawValue)"]).serialized()
    case .torchState:
      return try TorchState.encode(weights(part).map(Self.torchEntry))
    }
  }

  /// A variable as a layer of PyTorch has it: names with points, `weight` for kernels, and output channels first.
  private static func torchEntry(_ name: String, _ array: NumericArray) throws -> (String, NumericArray) {
    let isKernel = name.hasSuffix("/kernel")
    let path = (isKernel ? String(name.dropLast("kernel".count)) + "weight" : name).split(separator: "/")
    let title = path.joined(separator: ".")
    guard isKernel else { return (title, array) }
    switch array.shape.count {
    case 2: return (title, try array.transposed([1, 0]))
    case 4: return (title, try array.transposed([3, 2, 0, 1]))
    default: return (title, array)
    }
  }
}
