import LatentDiagnostics

extension Tensor {
  /// Mean and variance over dimensions, which stay with size 1, by one pass over the elements.
  ///
  /// The sums are of distances from the first element along the dimensions, so that a mean far from 0 costs no accuracy
  /// (Chan, Golub & LeVeque 1983, the shifted-data algorithm). The variance divides by the count.
  public func moments(
    _ dimensions: [Int], file: StaticString = #fileID, line: UInt = #line
  ) -> (mean: Tensor, variance: Tensor) {
    let axes = resolve(dimensions, "moments", file: file, line: line)
    let count = Double(axes.reduce(1) { $0 * shape[$1] })
    guard count > 1 else { return (mean(axes, keepingDimensions: true), variance(axes, keepingDimensions: true)) }
    let shift = slice(
      starts: shape.dimensions.map { _ in 0 },
      limits: shape.dimensions.indices.map { axes.contains($0) ? 1 : shape[$0] }
    ).stopGradient()
    let distance = self - shift
    let first = distance.sum(axes, keepingDimensions: true) / count
    let second = distance.squared().sum(axes, keepingDimensions: true) / count
    return (shift + first, second - first.squared())
  }

  /// Shifted and scaled to mean 0 and variance 1 over the dimensions.
  public func standardized(_ dimensions: [Int], epsilon: Double) -> Tensor {
    let centred = self - mean(dimensions, keepingDimensions: true)
    let variance = centred.squared().mean(dimensions, keepingDimensions: true)
    return centred * (variance + epsilon).reciprocalSquareRoot()
  }

  /// Layer normalisation over the last dimension (Ba et al. 2016).
  public func layerNormalized(scale: Tensor, offset: Tensor, epsilon: Double = 1e-5) -> Tensor {
    standardized([-1], epsilon: epsilon) * scale + offset
  }

  /// Group normalisation of [N, ..., C] (Wu & He 2018): statistics over all dimensions between and each group of channels.
  ///
  /// The pixels are summed for each channel first, in rows of full width, and the channels of a group then: two passes over the
  /// elements, one of which is the result's. Scale and offset are of shape [C].
  public func groupNormalized(groups: Int, scale: Tensor, offset: Tensor, epsilon: Double = 1e-5) -> Tensor {
    let (count, channels) = (shape[0], shape[-1])
    require(groups > 0 && channels % groups == 0, "\(groups) groups do not divide \(channels) channels")
    let pixels = shape.dimensions.dropFirst().dropLast().reduce(1, *)
    let rows = reshape([count, pixels, channels])
    let channel = rows.moments([1])
    let grouped = [channel.mean, channel.variance].map { $0.reshape([count, groups, channels / groups]) }
    let mean = grouped[0].mean([2], keepingDimensions: true)
    // The variance of a group is that within its channels and that between them.
    let variance = (grouped[1] + (grouped[0] - mean).squared()).mean([2], keepingDimensions: true)
    let inverse = (variance + epsilon).reciprocalSquareRoot()
    func spread(_ statistic: Tensor) -> Tensor {
      statistic.broadcast(to: [count, groups, channels / groups]).reshape([count, 1, channels])
    }
    let factor = spread(inverse) * scale
    return (rows * factor + (offset - spread(mean) * factor)).reshape(shape)
  }

  /// Instance normalisation of [N, ..., C] (Ulyanov et al. 2016): statistics over all dimensions between, for each channel.
  public func instanceNormalized(scale: Tensor, offset: Tensor, epsilon: Double = 1e-5) -> Tensor {
    groupNormalized(groups: shape[-1], scale: scale, offset: offset, epsilon: epsilon)
  }

  /// Normalisation by given statistics, broadcast over all but the last dimension (Ioffe & Szegedy 2015).
  public func batchNormalized(
    mean: Tensor, variance: Tensor, scale: Tensor, offset: Tensor, epsilon: Double = 1e-5
  ) -> Tensor {
    (self - mean) * ((variance + epsilon).reciprocalSquareRoot() * scale) + offset
  }
}
