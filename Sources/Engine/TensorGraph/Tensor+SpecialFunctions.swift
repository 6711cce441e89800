extension Tensor {
  /// c0 + c1 x + c2 x^2 + ..., by Horner's rule.
  public func polynomial(_ coefficients: [Double]) -> Tensor {
    guard let last = coefficients.last else { return graph.constant([0], shape: shape, type: type) }
    let start = graph.constant([last], shape: shape, type: type)
    return coefficients.dropLast().reversed().reduce(start) { $0 * self + $1 }
  }

  /// The natural logarithm of the gamma function, for positive elements.
  ///
  /// Below 3 the recurrence of the gamma function leads to x + 3, from 3 on stands Stirling's series (Abramowitz & Stegun
  /// 1964, equation 6.1.41). From 1e-6 to 1e6 the error in float32, relative where the result is above 1 and absolute
  /// below, is under 2e-6; the same holds for the gradient, the digamma function. The truncated series alone is off by
  /// 1e-8 at most, its gradient by 4e-8. Infinite at 0, without meaning below.
  public func logGamma() -> Tensor {
    let (isSmall, small, large) = splitForStirling()
    let product = small * (small + 1) * (small + 2)
    let approximation = (large - 0.5) * large.log() - large + halfLogOfTwoPi + large.stirlingSeries()
    return approximation - isSmall.select(product.log(), scalar(0))
  }

  /// How far Stirling's formula falls short: log gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2, for positive elements.
  ///
  /// It falls from infinity to 0, as 1 / 12x. Where gamma functions of large arguments are divided by one another, the
  /// formula's large terms can be cancelled on paper and this be what is left to compute (Loader 2000, "Fast and
  /// accurate computation of binomial probabilities"). Its accuracy is that of `logGamma`, but absolute throughout.
  public func stirlingError() -> Tensor {
    let (isSmall, small, large) = splitForStirling()
    let above = (small + 2.5) * (small + 3).log() - 3
    let below = (small + 0.5) * small.log() + ((small + 1) * (small + 2)).log()
    return large.stirlingSeries() + isSmall.select(above - below, scalar(0))
  }

  /// Where elements are below 3; there the element, elsewhere 1; there the element plus 3, elsewhere the element.
  ///
  /// A product of small elements can neither overflow nor put an infinity into the gradient of the branch not taken.
  private func splitForStirling() -> (isSmall: Tensor, small: Tensor, large: Tensor) {
    let isSmall = compare(.less, 3)
    return (isSmall, isSmall.select(self, scalar(1)), isSmall.select(self + 3, self))
  }

  /// The first five terms of Stirling's series in 1 / x, for elements from 3 on.
  private func stirlingSeries() -> Tensor {
    let inverse = 1 / self
    return inverse * inverse.squared().polynomial([1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188])
  }
}

/// log(2 pi) / 2.
private let halfLogOfTwoPi = 0.918_938_533_204_672_8
