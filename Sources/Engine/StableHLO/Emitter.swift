import LatentTensorGraph

/// Writes a program node by node, and the helper functions that its nodes call.
struct Emitter {
  let precision: MatrixPrecision
  private let constants: [Variable: [UInt8]]
  var function = FunctionBuilder()
  private var helpers: [String] = []
  private var helperNames: Set<String> = []

  init(precision: MatrixPrecision, constants: [Variable: [UInt8]] = [:]) {
    self.precision = precision
    self.constants = constants
  }

  /// The whole module.
  mutating func module(_ program: Program, _ arguments: [StableHLOModule.Argument]) -> String {
    let values = emit(program.nodes, program.isLive) { Self.argument(of: $0, program, arguments) }
    let results = (program.outputs + program.assignments.map(\.value)).compactMap { values[$0.index] }
    function.append(results.isEmpty ? "return" : "return \(names(results)) : \(types(results))")
    let parameters = arguments.enumerated().map { place, argument in
      let alias = argument.aliasedResult.map { " {tf.aliasing_output = \($0) : i32}" } ?? ""
      return "%arg\(place): \(TensorType(argument.shape, argument.type))\(alias)"
    }
    let main = text("func.func public @main", parameters, results.map(\.type), function)
    return "module @latent {\n" + ([main] + helpers).joined(separator: "\n") + "\n}\n"
  }

  /// Writes all live nodes, the given leaves not among them.
  mutating func emit(_ nodes: [Node], _ isLive: [Bool], leaves: (Node) -> Value?) -> [Int: Value] {
    var values: [Int: Value] = [:]
    var results: [Int: [Value]] = [:]
    for (index, node) in nodes.enumerated() where isLive[index] {
      let operands = node.operands.compactMap { values[$0] }
      switch node.operation {
      case .scan(let scan): results[index] = loop(scan, operands)
      case .attention(let settings): results[index] = attention(settings, operands)
      case .attentionGradient(let settings): results[index] = attentionGradient(settings, operands)
      case .result(let number): values[index] = results[node.operands[0]]?[number]
      case .variable(let variable):
        let bytes = constants[variable].map { function.constant(TensorType(node.shape, node.type), bytes: $0) }
        values[index] = bytes ?? leaves(node) ?? emit(node, operands)
      default: values[index] = leaves(node) ?? emit(node, operands)
      }
    }
    return values
  }

  /// The function of a name, which is written when it is first wanted, called on operands.
  mutating func call(
    _ name: String, _ operands: [Value], to types: [TensorType],
    _ body: (_ emitter: inout Emitter, _ parameters: [Value]) -> [Value]
  ) -> [Value] {
    if helperNames.insert(name).inserted {
      let parameters = operands.enumerated().map { Value(name: "%arg\($0)", type: $1.type) }
      let caller = function
      function = FunctionBuilder()
      let results = body(&self, parameters)
      function.append("return \(names(results)) : \(results.map(\.type.description).joined(separator: ", "))")
      helpers.append(
        text("func.func private @\(name)", parameters.map { "\($0.name): \($0.type)" }, types, function))
      function = caller
    }
    let result = function.fresh()
    let count = types.count == 1 ? "" : ":\(types.count)"
    let signature = "(\(operands.map(\.type.description).joined(separator: ", "))) -> \(list(types))"
    function.append("\(result)\(count) = func.call @\(name)(\(names(operands))) : \(signature)")
    return types.enumerated().map { Value(name: types.count == 1 ? result : "\(result)#\($0)", type: $1) }
  }

  /// The argument that an input or a variable is, or `nil` for what is computed.
  private static func argument(of node: Node, _ program: Program, _ arguments: [StableHLOModule.Argument]) -> Value? {
    let source: StableHLOModule.Source? =
      switch node.operation {
      case .input(Graph.randomStateName): .randomState
      case .input: program.inputs.firstIndex { $0.node == node }.map { .input($0) }
      case .variable(let variable): .variable(variable)
      default: nil
      }
    guard let source, let place = arguments.firstIndex(where: { $0.source == source }) else { return nil }
    return Value(name: "%arg\(place)", type: TensorType(node.shape, node.type))
  }

  private func text(
    _ head: String, _ parameters: [String], _ results: [TensorType], _ function: FunctionBuilder
  ) -> String {
    let arrow = results.isEmpty ? "" : " -> \(list(results))"
    let opening = "  \(head)(\(parameters.joined(separator: ", ")))\(arrow) {"
    return ([opening] + function.lines + ["  }"]).joined(separator: "\n")
  }

  private func list(_ types: [TensorType]) -> String {
    types.count == 1 ? types[0].description : "(\(types.map(\.description).joined(separator: ", ")))"
  }
}
