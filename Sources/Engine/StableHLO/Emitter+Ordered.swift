import LatentTensorGraph

extension Emitter {
  /// A sum over windows as long as the dimension, each of which ends, or in reverse begins, at its element.
  mutating func cumulativeSum(
    _ dimension: Int, _ isExclusive: Bool, _ isReversed: Bool, _ operand: Value
  ) -> Value {
    let wide = widened(operand)
    let rank = wide.type.shape.rank
    let size = wide.type.shape[dimension]
    // Exclusive windows lie one element further away: there is one more of them, and the one that holds all is left out.
    let reach = isExclusive ? size : size - 1
    let padding = (0..<rank).map { $0 != dimension ? "[0, 0]" : isReversed ? "[0, \(reach)]" : "[\(reach), 0]" }
    let windows = (0..<rank).map { $0 == dimension ? size : 1 }
    let windowed = TensorType(
      wide.type.shape.replacing(dimension, with: isExclusive ? size + 1 : size), wide.type.element)
    let start = function.constant(0, wide.type.scalar)
    let result = function.fresh()
    function.open(
      "\(result) = \"stablehlo.reduce_window\"(\(names([wide, start]))) <{window_dimensions = array<i64: "
        + "\(windows.map(String.init).joined(separator: ", "))>, padding = dense<[\(padding.joined(separator: ", "))]> : "
        + "tensor<\(rank)x2xi64>}> ({")
    let terms = block(of: [wide.type.scalar, wide.type.scalar])
    let sum = function.elementwise("add", terms[0], terms[1])
    function.append("stablehlo.return \(sum.name) : \(sum.type)")
    function.close("}) : \(signature([wide, start], windowed))")
    var sums = Value(name: result, type: windowed)
    if isExclusive {
      let starts = (0..<rank).map { $0 == dimension && isReversed ? 1 : 0 }
      let limits = zip(starts, wide.type.shape.dimensions).map { $0 + $1 }
      sums = function.slice(sums, starts, limits, starts.map { _ in 1 }, to: wide.type.shape)
    }
    return function.convert(sums, to: operand.type.element)
  }

  /// Sorts pairs of element and index by the element; not-a-number comes after every number.
  mutating func argumentSort(
    _ dimension: Int, _ isDescending: Bool, _ operand: Value, to type: TensorType
  ) -> Value {
    let indices = function.define(type, "stablehlo.iota dim = \(dimension) : \(type)")
    let operands = [operand, indices]
    let result = function.fresh()
    function.open(
      "\(result):2 = \"stablehlo.sort\"(\(names(operands))) <{dimension = \(dimension) : i64, is_stable = true}> ({")
    let pair = block(of: operands.flatMap { [$0.type.scalar, $0.type.scalar] })
    var comesFirst = function.compare(isDescending ? "GT" : "LT", pair[0], pair[1])
    if operand.type.element.isFloatingPoint {
      let isNumber = function.compare("EQ", pair[0], pair[0])
      let isBeforeNaN = function.elementwise("and", isNumber, function.compare("NE", pair[1], pair[1]))
      comesFirst = function.elementwise("or", comesFirst, isBeforeNaN)
    }
    function.append("stablehlo.return \(comesFirst.name) : \(comesFirst.type)")
    function.close("}) : (\(types(operands))) -> (\(types(operands)))")
    return Value(name: "\(result)#1", type: type)
  }

  /// The first operand, once all of them are there.
  mutating func barrier(_ operands: [Value]) -> Value {
    let result = function.fresh()
    let count = operands.count == 1 ? "" : ":\(operands.count)"
    function.append(
      "\(result)\(count) = \"stablehlo.optimization_barrier\"(\(names(operands))) : "
        + "(\(types(operands))) -> (\(types(operands)))")
    return Value(name: operands.count == 1 ? result : "\(result)#0", type: operands[0].type)
  }

  /// The arguments of a region's block, which begins with them.
  private mutating func block(of types: [TensorType]) -> [Value] {
    let values = types.map { Value(name: function.fresh(), type: $0) }
    function.append("^bb0(\(values.map { "\($0.name): \($0.type)" }.joined(separator: ", "))):")
    return values
  }
}
