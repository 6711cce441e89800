import LatentDiagnostics
import LatentTensorGraph

/// A program as an ONNX model (operator set 18), which takes any number of examples and holds the values of all variables.
///
/// Inputs and outputs have the names and shapes that the program gives them, the number of examples first and called `batch`.
/// Convolutions are surrounded by transpositions, because ONNX knows channels before rows alone; a runtime moves or removes them.
public struct ONNXModel: Sendable {
  /// The model as it is written to a file.
  public let bytes: [UInt8]

  /// Numbers of examples that a program is traced with: what differs between the two traces depends on the number.
  private static let batchSizes = (7, 11)

  /// Writes a program down.
  ///
  /// - Parameters:
  ///   - name: what the graph is called.
  ///   - outputs: the names of the program's outputs, in order.
  ///   - value: the bytes of a variable's value, row-major and little-endian.
  ///   - trace: makes the program for a number of examples.
  /// - Throws: `LatentError` naming what ONNX has no operation for, such as random numbers and loops, or what depends on the
  ///   number of examples in a way that cannot be left open.
  public init(
    name: String, outputs: [String], value: (Variable) throws -> [UInt8], trace: (Int) throws -> Program
  ) throws {
    let traces = try (trace(Self.batchSizes.0), trace(Self.batchSizes.1))
    var emitter = try ONNXEmitter(traces, batchSizes: Self.batchSizes)
    let graph = try emitter.graph(name, outputs: outputs, value: value)
    var model = ProtocolBuffer()
    model.append(1, 8)
    model.append(2, "Latent")
    model.append(7, graph.bytes)
    model.append(8) { operators in
      operators.append(1, "")
      operators.append(2, 18)
    }
    bytes = model.bytes
  }
}

/// Why a program cannot be written in another form.
func unsupported(_ what: String) -> LatentError {
  .usage(
    "The model cannot be written as ONNX: \(what)",
    remedy: "Use --format stablehlo or safetensors, or export another part with --part")
}
