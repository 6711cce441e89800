import LatentTensorGraph

extension Emitter {
  mutating func reduce(
    _ reduction: Reduction, _ dimensions: [Int], _ operand: Value, to type: TensorType
  ) -> Value {
    switch reduction {
    case .sum:
      // A sum of many bfloat16 in bfloat16 stands still once it is 256 times as large as its terms.
      let wide = widened(operand)
      let sum = reduce("add", 0, dimensions, wide, to: type.of(wide.type.element))
      return function.convert(sum, to: type.element)
    case .maximum:
      return reduce("maximum", worst(.maximum), dimensions, operand, to: type)
    case .minimum:
      return reduce("minimum", worst(.minimum), dimensions, operand, to: type)
    }
  }

  private mutating func reduce(
    _ name: String, _ start: Double, _ dimensions: [Int], _ operand: Value, to type: TensorType
  ) -> Value {
    let initial = function.constant(start, operand.type.scalar)
    return function.define(
      type,
      "stablehlo.reduce(\(operand.name) init: \(initial.name)) applies stablehlo.\(name) across dimensions = \(dimensions)"
        + " : \(signature([operand, initial], type))")
  }

  /// Reduces pairs of element and index. Of two pairs the better element comes first, not-a-number being best; among equals
  /// the smaller index does, so that the result does not depend on the order in which the device combines them.
  mutating func argumentReduce(
    _ reduction: ArgumentReduction, _ dimension: Int, _ operand: Value, to type: TensorType
  ) -> Value {
    let indexType = operand.type.of(.i32)
    let indices = function.define(indexType, "stablehlo.iota dim = \(dimension) : \(indexType)")
    let start = function.constant(worst(reduction), operand.type.scalar)
    // Behind every index, so that the start never wins against an element equal to it.
    let startIndex = function.constant(Double(Int32.max), indexType.scalar)
    let operands = [operand, indices, start, startIndex]
    let kept = type.of(operand.type.element)
    let result = function.fresh()
    function.append(
      "\(result):2 = stablehlo.reduce(\(operand.name) init: \(start.name)), (\(indices.name) init: \(startIndex.name))"
        + " across dimensions = [\(dimension)] : (\(types(operands))) -> (\(kept), \(type))")
    let elements = (0..<2).map { _ in Value(name: function.fresh(), type: start.type) }
    let places = (0..<2).map { _ in Value(name: function.fresh(), type: startIndex.type) }
    function.open("reducer\(parameters(elements)) \(parameters(places)) {")
    let isFirst = precedes(reduction, elements, places)
    let best = [
      function.select(isFirst, elements[0], elements[1]), function.select(isFirst, places[0], places[1]),
    ]
    function.append("stablehlo.return \(names(best)) : \(types(best))")
    function.close("}")
    return Value(name: "\(result)#1", type: type)
  }

  private mutating func precedes(
    _ reduction: ArgumentReduction, _ elements: [Value], _ places: [Value]
  ) -> Value {
    let (x, y) = (elements[0], elements[1])
    var isBetter = function.compare(reduction == .maximum ? "GT" : "LT", x, y)
    var isEqual = function.compare("EQ", x, y)
    if x.type.element.isFloatingPoint {
      let (xIsNaN, yIsNaN) = (function.compare("NE", x, x), function.compare("NE", y, y))
      isBetter = function.elementwise("or", isBetter, xIsNaN)
      isEqual = function.elementwise("or", isEqual, function.elementwise("and", xIsNaN, yIsNaN))
    }
    return function.select(isEqual, function.compare("LT", places[0], places[1]), isBetter)
  }

  /// A bfloat16 value as float32; others as they are.
  mutating func widened(_ operand: Value) -> Value {
    operand.type.element == .bf16 ? function.convert(operand, to: .f32) : operand
  }

  private func parameters(_ values: [Value]) -> String {
    "(" + values.map { "\($0.name): \($0.type)" }.joined(separator: ", ") + ")"
  }

  /// The value that every other one replaces; int32 takes its nearest to infinity.
  private func worst(_ reduction: ArgumentReduction) -> Double {
    switch reduction {
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }
}
