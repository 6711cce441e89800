import LatentTensorGraph

extension ONNXEmitter {
  /// What goes element by element, whose operands ONNX broadcasts.
  mutating func elementwise(_ node: Node, _ operands: [Value]) throws -> Value {
    let names = operands.map(\.name)
    let name: String
    switch node.operation {
    case .unary(let operation): name = unary(operation, names[0])
    case .binary(let operation): name = try binary(operation, names)
    case .compare(.notEqual): name = graph.add("Not", [graph.add("Equal", names)])
    case .compare(let comparison): name = graph.add(comparison.operator, names)
    case .select: name = graph.add("Where", names)
    default: name = graph.add("Cast", names, [.integer("to", try type(node.type).rawValue)])
    }
    return Value(name: name, extents: joined(operands))
  }

  /// The sizes of what is computed element by element: those of the operand that is not 1 there.
  private func joined(_ operands: [Value]) -> [Extent] {
    var result = operands[0].extents
    for operand in operands.dropFirst() {
      for (axis, extent) in operand.extents.enumerated() where result[axis] == .fixed(1) { result[axis] = extent }
    }
    return result
  }

  private mutating func unary(_ operation: UnaryOperation, _ x: String) -> String {
    switch operation {
    case .negate: graph.add("Neg", [x])
    case .abs: graph.add("Abs", [x])
    case .sign: graph.add("Sign", [x])
    case .floor: graph.add("Floor", [x])
    case .ceil: graph.add("Ceil", [x])
    case .roundNearestEven: graph.add("Round", [x])
    case .squareRoot: graph.add("Sqrt", [x])
    case .reciprocalSquareRoot: graph.add("Reciprocal", [graph.add("Sqrt", [x])])
    case .exponential: graph.add("Exp", [x])
    case .exponentialMinusOne: graph.add("Sub", [graph.add("Exp", [x]), scalar(1, .float)])
    case .logarithm: graph.add("Log", [x])
    case .logarithmPlusOne: graph.add("Log", [graph.add("Add", [x, scalar(1, .float)])])
    case .tanh: graph.add("Tanh", [x])
    case .logistic: graph.add("Sigmoid", [x])
    case .erf: graph.add("Erf", [x])
    case .sine: graph.add("Sin", [x])
    case .cosine: graph.add("Cos", [x])
    case .softplus: graph.add("Softplus", [x])
    case .isFinite: graph.add("Not", [graph.add("Or", [graph.add("IsNaN", [x]), graph.add("IsInf", [x])])])
    case .not: graph.add("Not", [x])
    }
  }

  private mutating func binary(_ operation: BinaryOperation, _ operands: [String]) throws -> String {
    switch operation {
    case .add: graph.add("Add", operands)
    case .subtract: graph.add("Sub", operands)
    case .multiply: graph.add("Mul", operands)
    case .divide: graph.add("Div", operands)
    case .remainder: graph.add("Mod", operands, [.integer("fmod", 1)])
    case .power: graph.add("Pow", operands)
    case .maximum: graph.add("Max", operands)
    case .minimum: graph.add("Min", operands)
    case .and: graph.add("And", operands)
    case .or: graph.add("Or", operands)
    case .xor: graph.add("Xor", operands)
    case .arctangent2: throw unsupported("it has no operation for the angle of a point")
    }
  }

  /// One number without dimensions.
  mutating func scalar(_ value: Double, _ type: ONNXGraph.DataType) -> String {
    graph.initializer(graph.fresh("constant"), type, [], Self.bytes([value], type))
  }

  /// Numbers that are part of the program.
  mutating func constant(_ values: [Double], _ node: Node, _ target: [Extent]) throws -> Value {
    guard values.count > 1 else {
      return try initializer(values, node, [Extent](repeating: .fixed(1), count: target.count))
    }
    guard !target.contains(where: \.isOpen) else { throw unsupported("it has constants for every example") }
    return try initializer(values, node, target)
  }

  /// The index along a dimension, which is the same along all others.
  mutating func iota(_ dimension: Int, _ node: Node, _ target: [Extent]) throws -> Value {
    guard case .fixed(let size) = target[dimension] else { throw unsupported("it counts the examples") }
    let extents = target.indices.map { $0 == dimension ? target[$0] : .fixed(1) }
    return try initializer((0..<size).map(Double.init), node, extents)
  }

  private mutating func initializer(_ values: [Double], _ node: Node, _ extents: [Extent]) throws -> Value {
    let kind = try type(node.type)
    let sizes = extents.map { if case .fixed(let size) = $0 { size } else { 1 } }
    let name = graph.initializer(graph.fresh("constant"), kind, sizes, Self.bytes(values, kind))
    return Value(name: name, extents: extents)
  }

  /// Dimensions where the mapping says, of size 1 elsewhere: what reads it broadcasts it.
  mutating func broadcast(_ operand: Value, _ mapping: [Int], rank: Int) -> Value {
    var extents = [Extent](repeating: .fixed(1), count: rank)
    for (axis, place) in mapping.enumerated() { extents[place] = operand.extents[axis] }
    guard rank != operand.extents.count || mapping != Array(0..<rank) else { return operand }
    return Value(name: reshaped(operand.name, extents), extents: extents)
  }

  private static func bytes(_ values: [Double], _ type: ONNXGraph.DataType) -> [UInt8] {
    func raw<T>(_ convert: (Double) -> T) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: convert(value)) { Array($0) } }
    }
    return switch type {
    case .float: raw { Float($0).bitPattern.littleEndian }
    case .double: raw { $0.bitPattern.littleEndian }
    case .int32: raw { Int32($0).littleEndian }
    case .int64: raw { Int64($0).littleEndian }
    case .bool: raw { UInt8($0 == 0 ? 0 : 1) }
    }
  }
}

extension Comparison {
  fileprivate var `operator`: String {
    switch self {
    case .equal, .notEqual: "Equal"
    case .less: "Less"
    case .lessOrEqual: "LessOrEqual"
    case .greater: "Greater"
    case .greaterOrEqual: "GreaterOrEqual"
    }
  }
}
