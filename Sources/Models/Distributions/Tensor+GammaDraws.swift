import LatentTensorGraph

extension Tensor {
  /// The logarithm of one Gamma draw with scale 1 for each element, of which this is the logarithm of the shape parameter;
  /// no gradient is meant to flow.
  ///
  /// Marsaglia & Tsang, "A simple method for generating gamma variables" (2000): with d = shape - 1/3, a normal number z,
  /// and y = z / sqrt(9 d), the proposal is d (1 + y)^3. From a shape of 1 on, one is accepted with probability 0.951 or
  /// more; all 8 fail with probability 3e-11, and then the draw is d. A shape below 1 is raised by 1, and the draw
  /// multiplied by a uniform number to the power of 1 / shape, which underflows only as a number, not as a logarithm.
  public func logGammaDraws() -> Tensor {
    let parameter = exp()
    let isBoosted = parameter.compare(.less, 1)
    let d = isBoosted.select(parameter + 1, parameter) - 1 / 3
    let proposals = Shape([8] + shape.dimensions)
    let y = graph.random(.normal, shape: proposals, type: type) * (1 / (3 * d.squareRoot()))
    let height = graph.openUniform(shape: proposals, type: type)
    let isInside = y.compare(.greater, -1)
    let inside = isInside.select(y, scalar(0))
    let logRoot = inside.log1p()
    // z^2 / 2 + d (1 - v + log v) with v = (1 + y)^3 is 3d times this remainder. Its rounding errors begin to matter where
    // the draws' logarithms are all the same float.
    let remainder = logRoot - inside.polynomial([0, 1, -1 / 2, 1 / 3])
    let isAccepted = isInside & height.log().compare(.less, 3 * d * remainder)
    let boost = graph.openUniform(shape: shape, type: type).log() / isBoosted.select(parameter, scalar(1))
    let draw = d.log() + 3 * logRoot.firstAccepted(isAccepted, otherwise: d * 0)
    return draw + isBoosted.select(boost, scalar(0))
  }
}
