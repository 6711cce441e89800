import LatentTensorGraph

/// The text of one function as it grows, and the primitives that the rules of operations are written in.
struct FunctionBuilder {
  private(set) var lines: [String] = []
  private var count = 0
  private var depth = 2
  private var constants: [String: Value] = [:]

  /// A name that no other value of the function has.
  mutating func fresh() -> String {
    defer { count += 1 }
    return "%\(count)"
  }

  mutating func append(_ line: String) { lines.append(String(repeating: "  ", count: depth) + line) }

  /// One line that defines one value.
  mutating func define(_ type: TensorType, _ text: String) -> Value {
    let name = fresh()
    append("\(name) = \(text)")
    return Value(name: name, type: type)
  }

  /// A constant, defined where it is first wanted. A region may read constants from around it but not lend its own.
  mutating func constant(_ type: TensorType, elements: String) -> Value {
    let text = "stablehlo.constant dense<\(elements)> : \(type)"
    if let known = constants[text] { return known }
    let value = define(type, text)
    if depth == 2 { constants[text] = value }
    return value
  }

  /// An operation whose operands and result have one type.
  mutating func elementwise(_ operation: String, _ operands: Value...) -> Value {
    define(operands[0].type, "stablehlo.\(operation) \(names(operands)) : \(operands[0].type)")
  }

  /// An operation that states the types of its operands and of its result.
  mutating func mapped(
    _ operation: String, _ operands: [Value], _ attributes: String = "", to type: TensorType
  ) -> Value {
    define(type, "stablehlo.\(operation) \(names(operands))\(attributes) : \(signature(operands, type))")
  }

  mutating func compare(_ direction: String, _ left: Value, _ right: Value) -> Value {
    mapped("compare \(direction),", [left, right], ", \(left.type.element.comparisonType)", to: left.type.of(.i1))
  }

  mutating func select(_ condition: Value, _ whenTrue: Value, _ whenFalse: Value) -> Value {
    define(
      whenTrue.type,
      "stablehlo.select \(names([condition, whenTrue, whenFalse])) : \(condition.type), \(whenTrue.type)")
  }

  mutating func convert(_ operand: Value, to element: StoredType) -> Value {
    operand.type.element == element ? operand : mapped("convert", [operand], to: operand.type.of(element))
  }

  mutating func reshape(_ operand: Value, _ shape: Shape) -> Value {
    operand.type.shape == shape ? operand : mapped("reshape", [operand], to: TensorType(shape, operand.type.element))
  }

  mutating func broadcast(_ operand: Value, _ mapping: [Int] = [], to shape: Shape) -> Value {
    mapped("broadcast_in_dim", [operand], ", dims = \(mapping)", to: TensorType(shape, operand.type.element))
  }

  mutating func slice(_ operand: Value, _ starts: [Int], _ limits: [Int], _ strides: [Int], to shape: Shape) -> Value {
    let ranges = starts.indices.map { "\(starts[$0]):\(limits[$0])" + (strides[$0] == 1 ? "" : ":\(strides[$0])") }
    return mapped(
      "slice", [operand], " [\(ranges.joined(separator: ", "))]", to: TensorType(shape, operand.type.element))
  }

  /// Opens a region whose block takes the given arguments, and indents what follows.
  mutating func open(_ line: String) {
    append(line)
    indent()
  }

  /// Begins a further region of an operation.
  mutating func indent() { depth += 1 }

  /// Ends a region.
  mutating func close(_ line: String) {
    depth -= 1
    append(line)
  }
}

/// The names of values, separated by commas.
func names(_ values: [Value]) -> String { values.map(\.name).joined(separator: ", ") }

/// The types of values, separated by commas.
func types(_ values: [Value]) -> String { values.map(\.type.description).joined(separator: ", ") }

/// The type of an operation: from its operands to its result.
func signature(_ operands: [Value], _ result: TensorType) -> String { "(\(types(operands))) -> \(result)" }
