extension Tensor {
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

  /// Group normalisation of [N, H, W, C] (Wu & He 2018): statistics over height, width, and each group of channels.
  public func groupNormalized(groups: Int, scale: Tensor, offset: Tensor, epsilon: Double = 1e-5) -> Tensor {
    let grouped = reshape([shape[0], shape[1] * shape[2], groups, shape[3] / groups])
    return grouped.standardized([1, 3], epsilon: epsilon).reshape(shape) * scale + offset
  }

  /// Normalisation by given statistics, broadcast over all but the last dimension (Ioffe & Szegedy 2015).
  public func batchNormalized(
    mean: Tensor, variance: Tensor, scale: Tensor, offset: Tensor, epsilon: Double = 1e-5
  ) -> Tensor {
    (self - mean) * ((variance + epsilon).reciprocalSquareRoot() * scale) + offset
  }
}
