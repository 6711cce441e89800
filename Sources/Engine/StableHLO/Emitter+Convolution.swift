import LatentTensorGraph

extension Emitter {
  /// Each direction as a forward convolution of some arrangement of its operands.
  mutating func convolution(
    _ direction: ConvolutionDirection, _ window: ConvolutionWindow, _ first: Value, _ second: Value,
    to type: TensorType
  ) -> Value {
    // A sum over nothing.
    if first.type.shape.elementCount == 0 || second.type.shape.elementCount == 0 { return function.constant(0, type) }
    switch direction {
    case .forward:
      return convolve(
        Sliding(
          dimensions: "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]", strides: window.strides, low: window.paddingLow,
          high: window.paddingHigh, kernelDilations: window.dilations, featureGroups: window.groups),
        first, second, to: type)
    case .inputGradient:
      return inputGradient(window, first, second, to: type)
    case .kernelGradient:
      return kernelGradient(window, first, second, to: type)
    }
  }

  /// The reversed kernel slides over the output with zeros between its elements, one for each element a stride left out.
  private mutating func inputGradient(
    _ window: ConvolutionWindow, _ output: Value, _ kernel: Value, to type: TensorType
  ) -> Value {
    let spans = (0..<2).map { window.dilations[$0] * (window.kernelSize[$0] - 1) + 1 }
    let low = (0..<2).map { spans[$0] - 1 - window.paddingLow[$0] }
    let high = (0..<2).map { axis -> Int in
      let dilated = (output.type.shape[1 + axis] - 1) * window.strides[axis] + 1
      return window.inputSize[axis] + spans[axis] - 1 - dilated - low[axis]
    }
    let reversed = function.define(kernel.type, "stablehlo.reverse \(kernel.name), dims = [0, 1] : \(kernel.type)")
    return convolve(
      Sliding(
        dimensions: "[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]", low: low, high: high,
        inputDilations: window.strides, kernelDilations: window.dilations, featureGroups: window.groups),
      output, regrouped(reversed, window.groups), to: type)
  }

  /// [KH, KW, I / groups, O] as [KH, KW, I, O / groups]: the groups move from the summed channels to the resulting ones.
  private mutating func regrouped(_ kernel: Value, _ groups: Int) -> Value {
    if groups == 1 { return kernel }
    let shape = kernel.type.shape
    let (height, width, inputs, outputs) = (shape[0], shape[1], shape[2], shape[3] / groups)
    let split = function.reshape(kernel, [height, width, inputs, groups, outputs])
    let moved = function.mapped(
      "transpose", [split], ", dims = [0, 1, 3, 2, 4]",
      to: TensorType([height, width, groups, inputs, outputs], kernel.type.element))
    return function.reshape(moved, [height, width, groups * inputs, outputs])
  }

  /// The output slides over the input, the batch being what is summed over; strides and dilations change places.
  private mutating func kernelGradient(
    _ window: ConvolutionWindow, _ input: Value, _ output: Value, to type: TensorType
  ) -> Value {
    let high = (0..<2).map { axis -> Int in
      let span = (output.type.shape[1 + axis] - 1) * window.strides[axis] + 1
      let reach = window.dilations[axis] * (window.kernelSize[axis] - 1)
      return reach + span - window.inputSize[axis] - window.paddingLow[axis]
    }
    return convolve(
      Sliding(
        dimensions: "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]", strides: window.dilations, low: window.paddingLow,
        high: high, kernelDilations: window.strides, batchGroups: window.groups),
      input, output, to: type)
  }

  private mutating func convolve(_ sliding: Sliding, _ left: Value, _ right: Value, to type: TensorType) -> Value {
    let padding = (0..<2).map { "[\(sliding.low[$0]), \(sliding.high[$0])]" }.joined(separator: ", ")
    let window =
      "{stride = \(sliding.strides), pad = [\(padding)], lhs_dilate = \(sliding.inputDilations), "
      + "rhs_dilate = \(sliding.kernelDilations)}"
    let exactness = "#stablehlo<precision \(precision.rawValue)>"
    let attributes =
      "{batch_group_count = \(sliding.batchGroups) : i64, feature_group_count = \(sliding.featureGroups) : i64, "
      + "precision_config = [\(exactness), \(exactness)]}"
    return function.define(
      type,
      "stablehlo.convolution(\(names([left, right]))) dim_numbers = \(sliding.dimensions), window = \(window) \(attributes)"
        + " : \(signature([left, right], type))")
  }
}

/// What `stablehlo.convolution` is told besides its operands.
private struct Sliding {
  /// Which dimension of the operands and of the result is which: batch, feature, input, output, or a spatial one.
  var dimensions: String
  var strides = [1, 1]
  var low: [Int]
  var high: [Int]
  var inputDilations = [1, 1]
  var kernelDilations = [1, 1]
  var featureGroups = 1
  var batchGroups = 1
}
