import LatentDiagnostics

extension Tensor {
  /// The largest element of each window of [N, H, W, C]; padding never wins.
  public func maxPooled(size: Int, stride: Int? = nil, padding: Padding = .valid) -> Tensor {
    windows(size: size, stride: stride ?? size, padding: padding, fill: -.infinity).combined { $0.maximum($1) }
  }

  /// The mean of each window of [N, H, W, C]; padding counts as zero and in the divisor.
  public func averagePooled(size: Int, stride: Int? = nil, padding: Padding = .valid) -> Tensor {
    windows(size: size, stride: stride ?? size, padding: padding, fill: 0).combined { $0 + $1 }
      / Double(size * size)
  }

  /// Each pixel of [N, H, W, C] repeated into a square.
  public func upsampledNearest(_ factor: Int) -> Tensor {
    let (count, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    return broadcast(to: [count, height, factor, width, factor, channels], mapping: [0, 1, 3, 5])
      .reshape([count, height * factor, width * factor, channels])
  }

  /// For each place in a window, the strided slice of that place in every window.
  private func windows(size: Int, stride: Int, padding: Padding, fill: Double) -> [Tensor] {
    require(rank == 4 && size > 0 && stride > 0, "pooling: expected [N, H, W, C], got \(shape)")
    let amounts = [1, 2].map { padding.amounts(input: shape[$0], kernel: size, stride: stride, dilation: 1) }
    let padded = pad(
      low: [0, amounts[0].low, amounts[1].low, 0], high: [0, amounts[0].high, amounts[1].high, 0], value: fill)
    let counts = [1, 2].map { (padded.shape[$0] - size) / stride + 1 }
    require(counts.allSatisfy { $0 > 0 }, "pooling: a window of \(size) does not fit \(shape)")
    return (0..<size * size).map { place in
      let (row, column) = (place / size, place % size)
      return padded.slice(
        starts: [0, row, column, 0],
        limits: [
          shape[0], row + (counts[0] - 1) * stride + 1, column + (counts[1] - 1) * stride + 1, shape[3],
        ],
        strides: [1, stride, stride, 1])
    }
  }
}

extension Array where Element == Tensor {
  fileprivate func combined(_ combine: (Tensor, Tensor) -> Tensor) -> Tensor {
    dropFirst().reduce(self[0], combine)
  }
}
