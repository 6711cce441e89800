extension Tensor {
  /// log of the logistic function, without overflow.
  public func logLogistic() -> Tensor { -(-self).softplus() }

  /// max(x, 0), the rectifier, with slope 0 at 0.
  public func relu() -> Tensor { maximum(0) }

  /// x above zero, slope * x below.
  public func leakyRelu(slope: Double = 0.01) -> Tensor { compare(.greater, 0).select(self, self * slope) }

  /// x above zero, alpha * (exp(x) - 1) below (Clevert et al. 2015).
  public func elu(alpha: Double = 1) -> Tensor {
    compare(.greater, 0).select(self, minimum(0).expm1() * alpha)
  }

  /// x times the standard normal distribution function of x (Hendrycks & Gimpel 2016), exact rather than by tanh.
  public func gelu() -> Tensor { self * 0.5 * ((self * 0.5.squareRoot()).erf() + 1) }

  /// x times the logistic function of x.
  public func silu() -> Tensor { self * logistic() }

  /// exp(x) divided by its sum along a dimension, without overflow: probabilities from logits.
  public func softmax(_ dimension: Int = -1) -> Tensor { logSoftmax(dimension).exp() }

  /// The logarithm of softmax along a dimension, without overflow.
  public func logSoftmax(_ dimension: Int = -1) -> Tensor {
    self - logSumExp([dimension], keepingDimensions: true)
  }

  /// Binary cross-entropy of targets in [0, 1] given these logits, element by element, in nats.
  ///
  /// -t log s(x) - (1 - t) log(1 - s(x)) = softplus(x) - t x.
  public func binaryCrossEntropy(targets: Tensor) -> Tensor { softplus() - targets * self }

  /// Cross-entropy of class indices (int32, this shape without its last dimension) given these logits, in nats.
  public func categoricalCrossEntropy(targets: Tensor) -> Tensor {
    -(logSoftmax() * targets.oneHot(shape[-1], type: type)).sum([-1])
  }

  /// A last dimension of the given size with 1 at this int32 index and 0 elsewhere; out of range gives zeros.
  public func oneHot(_ size: Int, type: ElementType = .float32) -> Tensor {
    let classes = graph.iota(shape: Shape(shape.dimensions + [size]), dimension: rank)
    return expandingDimension(rank).compare(.equal, classes).converted(to: type)
  }
}
