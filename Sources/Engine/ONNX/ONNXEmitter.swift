import LatentDiagnostics
import LatentTensorGraph

/// Writes a program node by node.
struct ONNXEmitter {
  /// What a node has become.
  struct Value {
    let name: String
    /// The sizes that it has when the model runs: those of the node, or 1 where it is the same all along and an operation that
    /// broadcasts will do.
    let extents: [Extent]
  }

  private let program: Program
  /// The sizes of every node's result.
  private let extents: [[Extent]]
  private let other: [Node]
  var graph = ONNXGraph()
  private var batchName: String?
  private var firstInput = ""

  /// Compares the traces.
  ///
  /// - Throws: `LatentError` for traces that differ in more than sizes.
  init(_ traces: (Program, Program), batchSizes: (Int, Int)) throws {
    let (first, second) = traces
    guard first.nodes.count == second.nodes.count else {
      throw unsupported("its operations depend on the number of examples")
    }
    program = first
    other = second.nodes
    extents = try zip(first.nodes, second.nodes).enumerated().map { index, nodes in
      guard nodes.0.operands == nodes.1.operands, nodes.0.shape.rank == nodes.1.shape.rank else {
        throw unsupported("\(first.describe(index)) depends on the number of examples")
      }
      return try zip(nodes.0.shape.dimensions, nodes.1.shape.dimensions).map { sizes in
        guard let extent = Extent(sizes, batches: batchSizes) else {
          throw unsupported("the size of \(first.describe(index)) is no multiple of the number of examples")
        }
        return extent
      }
    }
  }

  /// The whole graph.
  mutating func graph(
    _ name: String, outputs: [String], value: (Variable) throws -> [UInt8]
  ) throws -> ProtocolBuffer {
    var values: [Int: Value] = [:]
    var inputs: [ONNXGraph.Port] = []
    for (index, node) in program.nodes.enumerated() where program.isLive[index] {
      graph.scope = program.scope(of: index)
      switch node.operation {
      case .input(Graph.randomStateName):
        throw unsupported("it draws random numbers")
      case .input(let name):
        if firstInput.isEmpty { firstInput = name }
        inputs.append(.init(name: name, type: try type(node.type), extents: extents[index]))
        values[index] = Value(name: name, extents: extents[index])
      case .variable(let variable):
        let name = graph.initializer(
          variable.name, try type(node.type), node.shape.dimensions, try value(variable))
        values[index] = Value(name: name, extents: extents[index])
      default:
        values[index] = try emit(index, node, node.operands.compactMap { values[$0] })
      }
    }
    graph.scope = ""
    var ports: [ONNXGraph.Port] = []
    for (tensor, name) in zip(program.outputs, outputs) {
      guard let value = values[tensor.index] else { continue }
      graph.add("Identity", [whole(value, extents[tensor.index]).name], to: name)
      ports.append(.init(name: name, type: try type(tensor.type), extents: extents[tensor.index]))
    }
    return graph.message(name, inputs: inputs, outputs: ports)
  }

  /// What ONNX calls a type.
  func type(_ type: ElementType) throws -> ONNXGraph.DataType {
    switch type {
    case .float32: .float
    case .float64: .double
    case .int32: .int32
    case .bool: .bool
    case .bfloat16: throw unsupported("it computes in bfloat16")
    }
  }

  private mutating func emit(_ index: Int, _ node: Node, _ operands: [Value]) throws -> Value {
    let target = extents[index]
    switch node.operation {
    case .unary, .binary, .compare, .select, .convert:
      return try elementwise(node, operands)
    case .broadcast(let mapping):
      return broadcast(operands[0], mapping, rank: target.count)
    case .stopGradient, .gradientRule, .barrier:
      return operands[0]
    case .constant(let values):
      return try constant(values, node, target)
    case .iota(let dimension):
      return try iota(dimension, node, target)
    default: break
    }
    // All others need their operands as large as they are.
    let full = zip(operands, node.operands).map { whole($0, extents[$1]).name }
    let name: String
    switch node.operation {
    case .reduce(let reduction, let dimensions):
      name = graph.add(reduction.operator, [full[0], graph.integers(dimensions)], [.integer("keepdims", 0)])
    case .argumentReduce(let reduction, let dimension):
      let operation = reduction == .maximum ? "ArgMax" : "ArgMin"
      let place = graph.add(operation, full, [.integer("axis", dimension), .integer("keepdims", 0)])
      name = graph.add("Cast", [place], [.integer("to", ONNXGraph.DataType.int32.rawValue)])
    case .cumulativeSum(let dimension, let isExclusive, let isReversed):
      name = graph.add(
        "CumSum", [full[0], graph.integers([dimension])],
        [.integer("exclusive", isExclusive ? 1 : 0), .integer("reverse", isReversed ? 1 : 0)])
    case .dot(let transposeLeft, let transposeRight):
      name = dot(full, node.operands.map { extents[$0] }, transposeLeft, transposeRight)
    case .convolution(let direction, let window):
      name = try convolution(direction, window, full)
    case .gather(let dimension):
      let last = program.nodes[node.operands[0]].shape[dimension] - 1
      let bounds = [0, last].map { bound in scalar(Double(bound), .int32) }
      name = graph.add(
        "Gather", [full[0], graph.add("Clip", [full[1]] + bounds)], [.integer("axis", dimension)])
    case .reshape:
      name = reshaped(full[0], target)
    case .transpose(let permutation):
      name = graph.add("Transpose", full, [.integers("perm", permutation)])
    case .slice(let starts, let limits, let strides):
      name = try slice(full[0], starts, limits, strides, index)
    case .pad(let low, let high, let interior):
      guard interior.allSatisfy({ $0 == 0 }) else {
        throw unsupported("\(program.describe(index)) spreads values apart")
      }
      name = graph.add("Pad", [full[0], graph.integers(low + high), full[1]])
    case .concatenate(let dimension):
      name = graph.add("Concat", full, [.integer("axis", dimension)])
    case .reverse(let dimensions):
      name = reversed(full[0], dimensions)
    case .random: throw unsupported("it draws random numbers")
    case .scan, .result, .parameter: throw unsupported("\(program.describe(index)) goes place by place in a loop")
    case .attention, .attentionGradient, .argumentSort, .scatterAdd:
      throw unsupported("\(program.describe(index)) has no counterpart that is written here")
    case .input, .variable, .constant, .iota, .unary, .binary, .compare, .select, .convert, .broadcast, .stopGradient,
      .gradientRule, .barrier:
      stop("\(program.describe(index)) is written elsewhere")
    }
    return Value(name: name, extents: target)
  }

  // MARK: Sizes

  /// The number of examples, [1].
  private mutating func batch() -> String {
    if let batchName { return batchName }
    let scope = graph.scope
    graph.scope = ""
    let sizes = graph.add("Shape", [firstInput], [.integer("start", 0), .integer("end", 1)])
    graph.scope = scope
    batchName = sizes
    return sizes
  }

  /// Sizes as a tensor.
  mutating func shape(_ extents: [Extent]) -> String {
    guard extents.contains(where: \.isOpen) else {
      return graph.integers(extents.map { if case .fixed(let size) = $0 { size } else { 0 } })
    }
    let parts = extents.map { extent in
      switch extent {
      case .fixed(let size): graph.integers([size])
      case .batch(1): batch()
      case .batch(let times): graph.add("Mul", [batch(), graph.integers([times])])
      }
    }
    return parts.count == 1 ? parts[0] : graph.add("Concat", parts, [.integer("axis", 0)])
  }

  /// The same elements under other sizes, of which the runtime works out one that depends on the number of examples.
  mutating func reshaped(_ operand: String, _ target: [Extent]) -> String {
    guard target.count(where: \.isOpen) == 1 else { return graph.add("Reshape", [operand, shape(target)]) }
    return graph.add(
      "Reshape", [operand, graph.integers(target.map { if case .fixed(let size) = $0 { size } else { -1 } })])
  }

  /// A value with all of its elements there.
  mutating func whole(_ value: Value, _ target: [Extent]) -> Value {
    value.extents == target
      ? value : Value(name: graph.add("Expand", [value.name, shape(target)]), extents: target)
  }

  /// A slice whose limits stay, or are the end of the operand for any number of examples.
  private mutating func slice(
    _ operand: String, _ starts: [Int], _ limits: [Int], _ strides: [Int], _ index: Int
  ) throws -> String {
    guard case .slice(let otherStarts, let otherLimits, _) = other[index].operation, starts == otherStarts else {
      throw unsupported("\(program.describe(index)) begins where the number of examples says")
    }
    let sizes = program.nodes[program.nodes[index].operands[0]].shape.dimensions
    let ends = try limits.indices.map { axis in
      if limits[axis] == otherLimits[axis] { return limits[axis] }
      guard limits[axis] == sizes[axis] else {
        throw unsupported("\(program.describe(index)) ends where the number of examples says")
      }
      return Int(Int64.max)
    }
    return graph.add(
      "Slice",
      [
        operand, graph.integers(starts), graph.integers(ends), graph.integers(Array(limits.indices)),
        graph.integers(strides),
      ])
  }

  private mutating func reversed(_ operand: String, _ dimensions: [Int]) -> String {
    let count = dimensions.count
    return graph.add(
      "Slice",
      [
        operand, graph.integers([Int](repeating: -1, count: count)),
        graph.integers([Int](repeating: Int(Int64.min), count: count)), graph.integers(dimensions),
        graph.integers([Int](repeating: -1, count: count)),
      ])
  }
}

extension Reduction {
  fileprivate var `operator`: String {
    switch self {
    case .sum: "ReduceSum"
    case .maximum: "ReduceMax"
    case .minimum: "ReduceMin"
    }
  }
}
