extension Tensor {
  /// Three-dimensional convolution of this input [N, D, H, W, I] with a kernel [KD, KH, KW, I / groups, O].
  ///
  /// One two-dimensional convolution, of images for each depth of the output that hold the KD images it sees as channels:
  /// the input is copied KD times.
  public func convolution3D(
    _ kernel: Tensor, strides: [Int] = [1, 1, 1], padding: Padding = .valid, dilations: [Int] = [1, 1, 1],
    groups: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard rank == 5, kernel.rank == 5, strides.count == 3, dilations.count == 3, groups > 0, shape[4] % groups == 0,
      kernel.shape[3] == shape[4] / groups
    else {
      shapeMistake(
        "convolution3D", [self, kernel],
        "expected input [N, D, H, W, I], kernel [KD, KH, KW, I / groups, O], three strides, and three dilations",
        file: file, line: line)
    }
    let depth = DepthWindow(
      input: shape[1], kernel: kernel.shape[0], stride: strides[0], padding: padding, dilation: dilations[0])
    let images = depth.images(of: self, groups: groups)
    let result = images.convolution(
      kernel.flatKernel, strides: Array(strides[1...]), padding: padding, dilations: Array(dilations[1...]),
      groups: groups, file: file, line: line)
    return result.reshape(Shape([shape[0], depth.output] + result.shape.dimensions[1...]))
  }

  /// The transpose of a three-dimensional convolution: from [N, OD, OH, OW, O] back to [N, D, H, W, I].
  ///
  /// The kernel is that of the convolution being transposed, [KD, KH, KW, I / groups, O]. `outputSize` is the result's
  /// depth, height, and width, which strides leave open.
  public func transposedConvolution3D(
    _ kernel: Tensor, outputSize: [Int], strides: [Int] = [1, 1, 1], padding: Padding = .valid,
    dilations: [Int] = [1, 1, 1], groups: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard rank == 5, kernel.rank == 5, outputSize.count == 3, strides.count == 3, dilations.count == 3, groups > 0,
      kernel.shape[4] == shape[4]
    else {
      shapeMistake(
        "transposedConvolution3D", [self, kernel],
        "expected [N, OD, OH, OW, O], kernel [KD, KH, KW, I / groups, O], and three sizes, strides, and dilations",
        file: file, line: line)
    }
    let depth = DepthWindow(
      input: outputSize[0], kernel: kernel.shape[0], stride: strides[0], padding: padding, dilation: dilations[0])
    guard depth.output == shape[1] else {
      shapeMistake(
        "transposedConvolution3D", [self, kernel],
        "a depth of \(outputSize[0]) gives one of \(depth.output), not \(shape[1])", file: file, line: line)
    }
    let flat = reshape(Shape([shape[0] * shape[1]] + shape.dimensions[2...]))
    let images = flat.transposedConvolution(
      kernel.flatKernel, outputSize: Array(outputSize[1...]), strides: Array(strides[1...]), padding: padding,
      dilations: Array(dilations[1...]), groups: groups, file: file, line: line)
    return depth.volume(of: images, count: shape[0], groups: groups)
  }

  /// [KD, KH, KW, I, O] as [KH, KW, KD I, O].
  private var flatKernel: Tensor {
    let sizes = shape.dimensions
    return transpose([1, 2, 0, 3, 4]).reshape([sizes[1], sizes[2], sizes[0] * sizes[3], sizes[4]])
  }
}

/// How a window slides over depth.
private struct DepthWindow {
  let input: Int
  let kernel: Int
  let stride: Int
  let dilation: Int
  let low: Int
  let high: Int

  init(input: Int, kernel: Int, stride: Int, padding: Padding, dilation: Int) {
    (low, high) = padding.amounts(input: input, kernel: kernel, stride: stride, dilation: dilation)
    (self.input, self.kernel, self.stride, self.dilation) = (input, kernel, stride, dilation)
  }

  /// The size of the output: floor((padded input - dilated kernel) / stride) + 1, at least 0.
  var output: Int {
    let free = input + low + high - dilation * (kernel - 1) - 1
    return free < 0 ? 0 : free / stride + 1
  }

  /// How many padded inputs the windows span from a tap's first to its last.
  private var span: Int { output == 0 ? 0 : (output - 1) * stride + 1 }

  /// [N, D, H, W, I] as [N OD, H, W, groups KD I / groups].
  func images(of volume: Tensor, groups: Int) -> Tensor {
    let shape = volume.shape
    let padded = volume.pad(low: [0, low, 0, 0, 0], high: [0, high, 0, 0, 0])
    let taps = (0..<kernel).map { tap -> Tensor in
      let start = output == 0 ? 0 : tap * dilation
      return padded.slice(
        starts: [0, start, 0, 0, 0], limits: [shape[0], start + span, shape[2], shape[3], shape[4]],
        strides: [1, stride, 1, 1, 1]
      ).reshape([shape[0] * output, shape[2], shape[3], groups, shape[4] / groups])
    }
    return Tensor.stack(taps, dimension: 4).reshape([shape[0] * output, shape[2], shape[3], kernel * shape[4]])
  }

  /// The transpose of `images`: where an input was copied several times, the copies are added.
  func volume(of images: Tensor, count: Int, groups: Int) -> Tensor {
    let shape = images.shape
    let channels = shape[3] / kernel
    let taps = images.reshape([count, output, shape[1], shape[2], groups, kernel, channels / groups]).unbind(5)
    let length = input + low + high
    let parts = taps.enumerated().map { tap, part -> Tensor in
      let start = output == 0 ? 0 : tap * dilation
      let end = output == 0 ? length : length - start - span
      return part.reshape([count, output, shape[1], shape[2], channels]).pad(
        low: [0, start, 0, 0, 0], high: [0, end, 0, 0, 0], interior: [0, stride - 1, 0, 0, 0])
    }
    return parts.dropFirst().reduce(parts[0]) { $0 + $1 }.slice(1, low..<(low + input))
  }
}
