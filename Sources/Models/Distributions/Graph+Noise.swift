import LatentTensorGraph

/// The smallest and the largest number that `openUniform` gives: half a step and one step of a random number away from the
/// ends of the unit interval.
let openUnitInterval = 0x1p-25...(1 - 0x1p-24)

extension Graph {
  /// Uniform numbers strictly between 0 and 1, whose logarithms are finite from either end.
  public func openUniform(shape: Shape, type: ElementType = .float32) -> Tensor {
    // The middle of each step; the topmost would round to 1.
    (random(.uniform, shape: shape, type: type) + openUnitInterval.lowerBound).minimum(openUnitInterval.upperBound)
  }

  /// Numbers from the standard Gumbel distribution: with them added to logits, the place of the largest is a draw from
  /// the categorical distribution (Gumbel 1954).
  public func gumbelNoise(shape: Shape, type: ElementType = .float32) -> Tensor {
    // What decides is close to 0 in this form, where floats are dense.
    -(-(-openUniform(shape: shape, type: type)).log1p()).log()
  }

  /// Numbers from the logistic distribution with mean 0 and scale 1.
  public func logisticNoise(shape: Shape, type: ElementType = .float32) -> Tensor {
    let uniform = openUniform(shape: shape, type: type)
    return uniform.log() - (-uniform).log1p()
  }

  /// Numbers from the exponential distribution with mean 1.
  public func exponentialNoise(shape: Shape, type: ElementType = .float32) -> Tensor {
    -openUniform(shape: shape, type: type).log()
  }
}

extension Shape {
  /// The shape of that many draws, or of one without a dimension for the count.
  public func draws(_ count: Int?) -> Shape { Shape((count.map { [$0] } ?? []) + dimensions) }
}

extension Tensor {
  /// Along the first dimension, the first value whose proposal was accepted; the fallback where none was.
  ///
  /// The graph has no loops, so that all proposals of a rejection sampler are made at once.
  func firstAccepted(_ isAccepted: Tensor, otherwise fallback: Tensor) -> Tensor {
    let count = Double(shape[0])
    let places = Shape([shape[0]] + [Int](repeating: 1, count: rank - 1))
    let place = graph.iota(shape: places, dimension: 0, type: type)
    let first = isAccepted.select(place, scalar(count)).min([0], keepingDimensions: true)
    let chosen = place.compare(.equal, first).select(self, scalar(0)).sum([0])
    return first.reshape(fallback.shape).compare(.less, count).select(chosen, fallback)
  }
}
