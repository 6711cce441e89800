import LatentTensorGraph

extension Emitter {
  /// A loop as `while`: what goes round is the number of steps taken, what is carried, and the stacks of the outputs.
  mutating func loop(_ scan: Scan, _ operands: [Value]) -> [Value] {
    let body = scan.body
    let counter = TensorType(.scalar, .int32)
    let outputs = body.results.indices.dropFirst(body.carriedCount).map { number in
      TensorType(scan.shape(ofResult: number), body.nodes[body.results[number]].type)
    }
    let first =
      [function.constant(0, counter)] + operands.prefix(body.carriedCount) + outputs.map { function.constant(0, $0) }
    let length = function.constant(Double(scan.length), counter)
    let one = function.constant(1, counter)
    let last = function.constant(Double(scan.length - 1), counter)
    let zero = function.constant(0, counter)
    let state = first.map { Value(name: function.fresh(), type: $0.type) }
    let result = function.fresh()
    let pairs = zip(state, first).map { "\($0.name) = \($1.name)" }.joined(separator: ", ")
    function.append("\(result):\(first.count) = stablehlo.while(\(pairs)) : \(types(first))")
    function.open("cond {")
    var goesOn = function.compare("LT", state[0], length)
    if let number = scan.goesOn, outputs.isEmpty {
      goesOn = function.elementwise("and", goesOn, state[1 + number])
    }
    function.append("stablehlo.return \(goesOn.name) : \(goesOn.type)")
    function.close("} do {")
    function.indent()
    let step = scan.isReversed ? function.elementwise("subtract", last, state[0]) : state[0]
    let slices = slices(of: scan, operands, at: step, from: zero)
    let values = emit(body.nodes, body.nodes.map { _ in true }) { node in
      guard case .parameter(let parameter) = node.operation else { return nil }
      switch parameter {
      case .carried(let number): return state[1 + number]
      case .capture: return operands[scan.operand(of: parameter)]
      case .sequence: return slices[parameter]
      }
    }
    let results = body.results.compactMap { values[$0] }
    let next =
      [function.elementwise("add", state[0], one)] + results.prefix(body.carriedCount)
      + zip(results, state.dropFirst()).dropFirst(body.carriedCount).map { result, stack in
        let row = function.reshape(result, Shape([1] + result.type.shape.dimensions))
        let starts = [step] + result.type.shape.dimensions.map { _ in zero }
        return function.mapped("dynamic_update_slice", [stack, row] + starts, to: stack.type)
      }
    function.append("stablehlo.return \(names(next)) : \(types(next))")
    function.close("}")
    return (1..<first.count).map { Value(name: "\(result)#\($0)", type: first[$0].type) }
  }

  /// The step's part of each sequence that the body reads.
  private mutating func slices(
    of scan: Scan, _ operands: [Value], at step: Value, from zero: Value
  ) -> [ScanParameter: Value] {
    var slices: [ScanParameter: Value] = [:]
    for node in scan.body.nodes {
      guard case .parameter(let parameter) = node.operation, case .sequence = parameter else { continue }
      let sequence = operands[scan.operand(of: parameter)]
      let sizes = [1] + node.shape.dimensions
      let row = function.mapped(
        "dynamic_slice", [sequence, step] + node.shape.dimensions.map { _ in zero }, ", sizes = \(sizes)",
        to: TensorType(Shape(sizes), sequence.type.element))
      slices[parameter] = function.reshape(row, node.shape)
    }
    return slices
  }
}
