import LatentTensorGraph

extension Emitter {
  /// `stablehlo.gather` clamps indices by itself.
  mutating func gather(_ dimension: Int, _ operand: Value, _ indices: Value, to type: TensorType) -> Value {
    let sizes = operand.type.shape.replacing(dimension, with: 1).dimensions
    let numbers =
      "#stablehlo.gather<offset_dims = \(others(dimension, type)), collapsed_slice_dims = [\(dimension)], "
      + "start_index_map = [\(dimension)], index_vector_dim = 1>"
    return function.define(
      type,
      "\"stablehlo.gather\"(\(names([operand, indices]))) <{dimension_numbers = \(numbers), slice_sizes = array<i64: "
        + "\(sizes.map(String.init).joined(separator: ", "))>, indices_are_sorted = false}>"
        + " : \(signature([operand, indices], type))")
  }

  /// `stablehlo.scatter` ignores indices out of range by itself.
  mutating func scatterAdd(_ dimension: Int, _ updates: Value, _ indices: Value, to type: TensorType) -> Value {
    let wide = widened(updates)
    let wideType = type.of(wide.type.element)
    let zeros = function.constant(0, wideType)
    let operands = [zeros, indices, wide]
    let numbers =
      "#stablehlo.scatter<update_window_dims = \(others(dimension, type)), inserted_window_dims = [\(dimension)], "
      + "scatter_dims_to_operand_dims = [\(dimension)], index_vector_dim = 1>"
    let result = function.fresh()
    function.open(
      "\(result) = \"stablehlo.scatter\"(\(names(operands))) <{scatter_dimension_numbers = \(numbers), "
        + "indices_are_sorted = false, unique_indices = false}> ({")
    let terms = (0..<2).map { _ in Value(name: function.fresh(), type: wideType.scalar) }
    function.append("^bb0(\(terms.map { "\($0.name): \($0.type)" }.joined(separator: ", "))):")
    let sum = function.elementwise("add", terms[0], terms[1])
    function.append("stablehlo.return \(sum.name) : \(sum.type)")
    function.close("}) : \(signature(operands, wideType))")
    return function.convert(Value(name: result, type: wideType), to: type.element)
  }

  /// Every dimension but one.
  private func others(_ dimension: Int, _ type: TensorType) -> [Int] {
    type.shape.dimensions.indices.filter { $0 != dimension }
  }
}
