import LatentTensorGraph

/// The parts of an ONNX graph as they are written one after another.
struct ONNXGraph {
  /// What ONNX calls the types of elements (TensorProto.DataType).
  enum DataType: Int {
    case float = 1
    case int32 = 6
    case int64 = 7
    case bool = 9
    case double = 11
  }

  /// An attribute of a node.
  enum Attribute {
    case integer(String, Int)
    case integers(String, [Int])
  }

  private var nodes: [[UInt8]] = []
  private var initializers: [[UInt8]] = []
  private var known: [[Int]: String] = [:]
  private var count = 0
  /// Goes before the names that follow: where in the model they belong.
  var scope = ""

  /// A name that no value has yet.
  mutating func fresh(_ hint: String) -> String {
    count += 1
    return (scope.isEmpty ? "" : scope + "/") + "\(hint)_\(count)"
  }

  /// Adds a node, and names its only result.
  mutating func add(_ operation: String, _ inputs: [String], _ attributes: [Attribute] = []) -> String {
    let output = fresh(operation)
    add(operation, inputs, attributes, to: output)
    return output
  }

  /// Adds a node with a result of a given name.
  mutating func add(_ operation: String, _ inputs: [String], _ attributes: [Attribute] = [], to output: String) {
    var node = ProtocolBuffer()
    for input in inputs { node.append(1, input) }
    node.append(2, output)
    node.append(3, output)
    node.append(4, operation)
    for attribute in attributes {
      node.append(5) { message in
        switch attribute {
        case .integer(let name, let value):
          message.append(1, name)
          message.append(3, value)
          message.append(20, 2)
        case .integers(let name, let values):
          message.append(1, name)
          for value in values { message.append(8, value) }
          message.append(20, 7)
        }
      }
    }
    nodes.append(node.bytes)
  }

  /// Adds a tensor that is part of the file.
  mutating func initializer(_ name: String, _ type: DataType, _ shape: [Int], _ bytes: [UInt8]) -> String {
    var tensor = ProtocolBuffer()
    for size in shape { tensor.append(1, size) }
    tensor.append(2, type.rawValue)
    tensor.append(8, name)
    tensor.append(9, bytes)
    initializers.append(tensor.bytes)
    return name
  }

  /// A list of whole numbers as a tensor, such as shapes and axes are; equal lists are one tensor.
  mutating func integers(_ values: [Int]) -> String {
    if let name = known[values] { return name }
    let bytes = values.flatMap { value in withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) } }
    count += 1
    let name = initializer("integers_\(count)", .int64, [values.count], bytes)
    known[values] = name
    return name
  }

  /// The finished graph as a message.
  func message(_ name: String, inputs: [Port], outputs: [Port]) -> ProtocolBuffer {
    var graph = ProtocolBuffer()
    for node in nodes { graph.append(1, node) }
    graph.append(2, name)
    for tensor in initializers { graph.append(5, tensor) }
    for input in inputs { graph.append(11, input.message) }
    for output in outputs { graph.append(12, output.message) }
    return graph
  }

  /// An input or an output of the whole graph.
  struct Port {
    let name: String
    let type: DataType
    let extents: [Extent]

    fileprivate var message: [UInt8] {
      var port = ProtocolBuffer()
      port.append(1, name)
      port.append(2) { type in
        type.append(1) { tensor in
          tensor.append(1, self.type.rawValue)
          tensor.append(2) { shape in
            for extent in extents {
              shape.append(1) { dimension in
                switch extent {
                case .fixed(let size): dimension.append(1, size)
                case .batch(1): dimension.append(2, "batch")
                case .batch(let times): dimension.append(2, "\(times) batch")
                }
              }
            }
          }
        }
      }
      return port.bytes
    }
  }
}
