import LatentTensorGraph

extension Emitter {
  /// The four words of blocks 0 to `blocks` - 1 of a stream, as four vectors, by Philox 4x32-10 (Salmon et al. 2011).
  ///
  /// - Parameters:
  ///   - state: seed and step as four int32 words, low word first.
  ///   - stream: the stream's identifier.
  mutating func philox(state: Value, stream: Value, blocks: Int) -> [Value] {
    let type = TensorType([blocks], .ui32)
    return call("philox4x32_\(blocks)", [state, stream], to: [type, type, type, type]) { emitter, parameters in
      emitter.rounds(state: parameters[0], stream: parameters[1], type)
    }
  }

  private mutating func rounds(state: Value, stream: Value, _ type: TensorType) -> [Value] {
    let words = function.mapped("bitcast_convert", [state], to: state.type.of(.ui32))
    let parts = (0..<4).map { function.reshape(function.slice(words, [$0], [$0 + 1], [1], to: [1]), .scalar) }
    var keys = [parts[0], parts[1]]
    var counter = [function.define(type, "stablehlo.iota dim = 0 : \(type)")]
    counter += [stream, parts[2], parts[3]].map { function.broadcast($0, to: type.shape) }
    for round in 0..<10 {
      if round > 0 {
        keys = zip(keys, [0x9E37_79B9, 0xBB67_AE85] as [UInt64]).map { key, increment in
          function.elementwise("add", key, function.constant(integer: increment, key.type))
        }
      }
      let first = product(counter[0], 0xD251_1F53)
      let second = product(counter[2], 0xCD9E_8D57)
      counter = [
        mixed(second.high, counter[1], keys[0]), second.low, mixed(first.high, counter[3], keys[1]), first.low,
      ]
    }
    return counter
  }

  private mutating func mixed(_ high: Value, _ word: Value, _ key: Value) -> Value {
    function.elementwise(
      "xor", function.elementwise("xor", high, word), function.broadcast(key, to: word.type.shape))
  }

  /// Both halves of a 64-bit product. The low half is masked because StableHLO leaves open whether a conversion that
  /// does not fit wraps around.
  private mutating func product(_ word: Value, _ factor: UInt64) -> (high: Value, low: Value) {
    let wide = function.convert(word, to: .ui64)
    let product = function.elementwise("multiply", wide, function.constant(integer: factor, wide.type))
    let high = function.elementwise("shift_right_logical", product, function.constant(integer: 32, wide.type))
    let low = function.elementwise("and", product, function.constant(integer: 0xFFFF_FFFF, wide.type))
    return (function.convert(high, to: .ui32), function.convert(low, to: .ui32))
  }
}
