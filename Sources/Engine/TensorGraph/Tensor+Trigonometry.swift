extension Tensor {
  /// The tangent of radians: the sine divided by the cosine.
  public func tangent() -> Tensor { sine() / cosine() }

  /// The angle in (-pi, pi] of the point whose second coordinate this is and whose first coordinate is the other.
  ///
  /// The gradient is not-a-number at the origin.
  public func arctangent2(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    combine(.arctangent2, other, file: file, line: line)
  }

  /// The angle in (-pi / 2, pi / 2) whose tangent this is.
  public func arctangent() -> Tensor { arctangent2(scalar(1)) }

  /// The angle in [-pi / 2, pi / 2] whose sine this is; not-a-number beyond 1. The slope at 1 and -1 is infinite.
  public func arcsine() -> Tensor { arctangent2(besideUnit()) }

  /// The angle in [0, pi] whose cosine this is; not-a-number beyond 1. The slope at 1 and -1 is infinite.
  public func arccosine() -> Tensor { besideUnit().arctangent2(self) }

  /// The root of 1 - x^2 as a product, which keeps its digits where x is close to 1.
  private func besideUnit() -> Tensor { ((1 - self) * (1 + self)).squareRoot() }

  /// The hyperbolic sine, exact near zero.
  public func sinh() -> Tensor { (expm1() - (-self).expm1()) * 0.5 }

  /// The hyperbolic cosine.
  public func cosh() -> Tensor { (exp() + (-self).exp()) * 0.5 }

  /// The inverse of the hyperbolic sine, exact near zero; up to 1e19 in magnitude.
  public func arsinh() -> Tensor {
    // An odd function: below zero the formula would subtract neighbours.
    let isNegative = compare(.less, 0)
    let magnitude = isNegative.select(-self, self)
    let square = magnitude.squared()
    let result = (magnitude + square / ((square + 1).squareRoot() + 1)).log1p()
    return isNegative.select(-result, result)
  }

  /// The inverse of the hyperbolic cosine, not negative; not-a-number below 1, where its slope is infinite.
  public func arcosh() -> Tensor {
    let excess = self - 1
    return (excess + excess.squareRoot() * (excess + 2).squareRoot()).log1p()
  }

  /// The inverse of the hyperbolic tangent, exact near zero; infinite at 1 and -1, not-a-number beyond.
  public func artanh() -> Tensor { (log1p() - (-self).log1p()) * 0.5 }
}
