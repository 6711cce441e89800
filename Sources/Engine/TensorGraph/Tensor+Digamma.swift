extension Tensor {
  /// The digamma function, the slope of `logGamma`, for positive elements.
  ///
  /// Below 4 the recurrence leads to x + 4, from 4 on stands the asymptotic series (Abramowitz & Stegun 1964, equations
  /// 6.3.5 and 6.3.18), whose error there is below 1e-9. Minus infinity at 0, without meaning below.
  public func digamma() -> Tensor {
    let (isSmall, small, large) = splitForSeries()
    let inverse = 1 / large
    let series = inverse.squared().polynomial([0, -1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760])
    let sum = steps.reduce(scalar(0)) { $0 + 1 / (small + $1) }
    return large.log() - inverse * 0.5 + series - isSmall.select(sum, scalar(0))
  }

  /// The trigamma function, the slope of `digamma`, for positive elements.
  ///
  /// In the same way, by equations 6.4.6 and 6.4.12. Infinite at 0, without meaning below.
  public func trigamma() -> Tensor {
    let (isSmall, small, large) = splitForSeries()
    let inverse = 1 / large
    let series = inverse.squared().polynomial([1, 1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730])
    let sum = steps.reduce(scalar(0)) { $0 + (1 / (small + $1)).squared() }
    return inverse * (series + inverse * 0.5) + isSmall.select(sum, scalar(0))
  }

  /// Where elements are below 4; there the element, elsewhere 1; there the element plus 4, elsewhere the element.
  private func splitForSeries() -> (isSmall: Tensor, small: Tensor, large: Tensor) {
    let isSmall = compare(.less, 4)
    return (isSmall, isSmall.select(self, scalar(1)), isSmall.select(self + 4, self))
  }
}

/// How far the recurrence is from where it began.
private let steps: [Double] = [0, 1, 2, 3]
