extension Emitter {
  mutating func convert(_ x: Value, to element: StoredType) -> Value {
    if element == .i1, x.type.element != .i1 { return function.compare("NE", x, function.constant(0, x.type)) }
    if element == .i32, x.type.element.isFloatingPoint { return saturating(x) }
    return function.convert(x, to: element)
  }

  /// Towards zero, confined to int32, 0 for not-a-number; StableHLO leaves open what numbers out of range give.
  private mutating func saturating(_ x: Value) -> Value {
    let type = x.type.of(.i32)
    let inside = function.convert(x, to: .i32)
    let isHigh = function.compare("GE", x, function.constant(0x1p31, x.type))
    let bounded = function.select(isHigh, function.constant(Double(Int32.max), type), inside)
    let isLow = function.compare("LE", x, function.constant(-0x1p31, x.type))
    let confined = function.select(isLow, function.constant(Double(Int32.min), type), bounded)
    let isNumber = function.compare("EQ", x, x)
    return function.select(isNumber, confined, function.constant(0, type))
  }
}
