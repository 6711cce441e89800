import LatentTensorGraph

extension Emitter {
  /// The transposes are only a choice of contracted dimensions; the plug-in finds its own layout.
  mutating func dot(
    _ transposeLeft: Bool, _ transposeRight: Bool, _ left: Value, _ right: Value, to type: TensorType
  ) -> Value {
    let batch = type.shape.rank - 2
    let batches = batch == 0 ? "" : ", batching_dims = \(Array(0..<batch)) x \(Array(0..<batch))"
    let contracted = "[\(batch + (transposeLeft ? 0 : 1))] x [\(batch + (transposeRight ? 1 : 0))]"
    return function.mapped(
      "dot_general", [left, right],
      "\(batches), contracting_dims = \(contracted), precision = [\(precision.rawValue), \(precision.rawValue)]",
      to: type)
  }
}
