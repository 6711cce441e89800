import LatentTensorGraph

extension Emitter {
  /// One call of a function that draws a whole tensor, written once for each distribution and type.
  mutating func random(
    _ distribution: RandomDistribution, _ stream: UInt32, _ state: Value, _ type: TensorType
  ) -> Value {
    let streamValue = function.constant(integer: UInt64(stream), TensorType(.scalar, .ui32))
    let name = "random_\(distribution.rawValue)_\(type.name)"
    return call(name, [state, streamValue], to: [type]) { emitter, parameters in
      let words = emitter.philox(
        state: parameters[0], stream: parameters[1], blocks: (type.shape.elementCount + 3) / 4)
      switch distribution {
      case .bits:
        let drawn = emitter.interleaved(words, type.shape)
        return [emitter.function.mapped("bitcast_convert", [drawn], to: type)]
      case .uniform:
        return [emitter.uniform(emitter.interleaved(words, type.shape), type.element)]
      case .normal:
        let normals =
          emitter.boxMuller(words[0], words[1], type.element)
          + emitter.boxMuller(words[2], words[3], type.element)
        return [emitter.interleaved(normals, type.shape)]
      }
    }[0]
  }

  /// Element i of the result is element i / 4 of vector i % 4; what the last block has too many falls off.
  private mutating func interleaved(_ lanes: [Value], _ shape: Shape) -> Value {
    let element = lanes[0].type.element
    let blocks = lanes[0].type.shape[0]
    let columns = lanes.map { function.reshape($0, [blocks, 1]) }
    let table = function.mapped("concatenate", columns, ", dim = 1", to: TensorType([blocks, 4], element))
    var list = function.reshape(table, [4 * blocks])
    let count = shape.elementCount
    if count < 4 * blocks { list = function.slice(list, [0], [count], [1], to: [count]) }
    return function.reshape(list, shape)
  }

  /// The upper 24 bits over 2^24, which float32 holds exactly.
  private mutating func uniform(_ bits: Value, _ element: StoredType) -> Value {
    let whole = upperBits(bits, element)
    return function.elementwise("multiply", whole, function.constant(0x1p-24, whole.type))
  }

  private mutating func upperBits(_ bits: Value, _ element: StoredType) -> Value {
    let upper = function.elementwise("shift_right_logical", bits, function.constant(integer: 8, bits.type))
    return function.convert(upper, to: element)
  }

  /// Two normals for each pair of words: the radius from the first, in (0, 1] so that its logarithm is finite, times the
  /// cosine and the sine of an angle from the second.
  private mutating func boxMuller(_ first: Value, _ second: Value, _ element: StoredType) -> [Value] {
    let type = first.type.of(element)
    let whole = function.elementwise("add", upperBits(first, element), function.constant(1, type))
    let share = function.elementwise("multiply", whole, function.constant(0x1p-24, type))
    let twice = function.elementwise("multiply", function.elementwise("log", share), function.constant(-2, type))
    let radius = function.elementwise("sqrt", twice)
    let angle = function.elementwise("multiply", uniform(second, element), function.constant(2 * Double.pi, type))
    return ["cosine", "sine"].map { function.elementwise("multiply", radius, function.elementwise($0, angle)) }
  }
}
