/// What a node computes from its operands: a small closed set, named and defined as StableHLO does.
///
/// The result's shape and element type stand on the node. Every rule about operations (shape inference, gradients, text,
/// each back end) is an exhaustive switch over these cases, so a new case does not compile until it has them all.
package enum GraphOperation: Hashable, Sendable {
  /// A value that the caller gives for each run.
  case input(String)
  /// The value of a variable as it stands before the run's assignments.
  case variable(Variable)
  /// The given elements in row-major order, or one element for all.
  case constant([Double])
  /// The index along a dimension.
  case iota(dimension: Int)
  /// Random numbers; the operand is the run's random state, the stream tells nodes apart.
  case random(RandomDistribution, stream: UInt32)
  /// Element by element from one operand, to its shape.
  case unary(UnaryOperation)
  /// Element by element from two operands of one shape and element type; broadcasting is an operation of its own.
  case binary(BinaryOperation)
  /// Element by element from two operands of one shape and element type, to bool.
  case compare(Comparison)
  /// Operands: a bool tensor, the values where it is true, the values where it is false.
  case select
  /// To the node's element type. To int32 rounds towards zero; to bool is "is not zero".
  case convert
  /// Over the given dimensions, which vanish from the shape.
  case reduce(Reduction, dimensions: [Int])
  /// The int32 index of the largest or smallest element along a dimension, the first among equals.
  case argumentReduce(ArgumentReduction, dimension: Int)
  /// Along a dimension, each element plus all before it; exclusively without itself, in reverse from the end.
  case cumulativeSum(dimension: Int, isExclusive: Bool, isReversed: Bool)
  /// Along a dimension, the int32 indices of the elements in ascending or descending order; equal elements stay in their
  /// order, 0 and -0 being equal, and not-a-number comes last either way.
  case argumentSort(dimension: Int, isDescending: Bool)
  /// Matrix product over the last two dimensions; the leading dimensions are batches and equal.
  case dot(transposeLeft: Bool, transposeRight: Bool)
  /// One of the three tensors of a two-dimensional convolution from the other two, channels last; which operands and
  /// which layouts, `ConvolutionDirection` says.
  case convolution(ConvolutionDirection, ConvolutionWindow)
  /// Operands: a tensor and int32 indices [K]; the dimension becomes K. Indices are clamped into range.
  case gather(dimension: Int)
  /// Operands: updates and int32 indices [K] along the dimension, which becomes `size`. Adds each update into zeros at
  /// its index; an index out of range is ignored.
  case scatterAdd(dimension: Int, size: Int)
  /// The same elements in row-major order under the node's shape, which has as many.
  case reshape
  /// Result dimension i is operand dimension permutation[i].
  case transpose([Int])
  /// Operand dimension i becomes result dimension mapping[i]; size 1 is repeated, and so are the dimensions not named.
  case broadcast([Int])
  /// For each dimension the indices starts, starts + strides, and so on below limits; strides are positive.
  case slice(starts: [Int], limits: [Int], strides: [Int])
  /// Operands: a tensor and the scalar that fills. Interior padding goes between neighbours.
  case pad(low: [Int], high: [Int], interior: [Int])
  /// The operands one after another along a dimension; their other dimensions are equal.
  case concatenate(dimension: Int)
  /// The elements in opposite order along each of the given dimensions.
  case reverse([Int])
  /// The operand, to which no gradient flows.
  case stopGradient
  /// The first operand, from which the rule leads the gradient to the others.
  case gradientRule(GradientRule)
  /// The first operand, to be computed from when the others are there: never taken for the operand itself, so that what is
  /// computed from it is computed again.
  case barrier
  /// A loop; which operands, `Scan` says. It has several results, and no elements of its own.
  case scan(Scan)
  /// One of the results of the operand, which has several.
  case result(Int)
  /// Operands: query, key, value, and a mask if there is one. Results: the output, and the logarithm of the sum of each query's
  /// weights. It has no elements of its own.
  case attention(AttentionSettings)
  /// Operands: those of the attention, its results, and the cotangent of its output. Results: the gradients with respect to query,
  /// key, and value. It has no elements of its own.
  case attentionGradient(AttentionSettings)
  /// A leaf of a loop's body, which is nowhere else.
  case parameter(ScanParameter)
}

extension GraphOperation {
  /// Whether `.result` nodes name what it computes.
  package var hasSeveralResults: Bool {
    switch self {
    case .scan, .attention, .attentionGradient: true
    default: false
    }
  }
}

/// Element-wise operations of one operand.
package enum UnaryOperation: String, Hashable, Sendable, CaseIterable {
  /// As their names say, for floating-point operands; the first three for int32 too. `roundNearestEven` takes halves to
  /// the even neighbour; `exponentialMinusOne` is exp(x) - 1 and `logarithmPlusOne` log(1 + x), both exact near 0;
  /// `logistic` is 1 / (1 + exp(-x)), `erf` the error function; angles are in radians.
  case negate, abs, sign, floor, ceil, roundNearestEven, squareRoot, reciprocalSquareRoot, exponential,
    exponentialMinusOne, logarithm, logarithmPlusOne, tanh, logistic, erf, sine, cosine
  /// log(1 + exp(x)), without overflow. Not one of StableHLO's, but its gradient is the logistic function, which no
  /// expression of the others has, and every Bernoulli likelihood is made of it.
  case softplus
  /// Bool from a floating-point operand.
  case isFinite
  /// Logical for bool, bitwise for int32.
  case not
}

/// Element-wise operations of two operands of one shape and element type.
package enum BinaryOperation: String, Hashable, Sendable, CaseIterable {
  /// The four rules of arithmetic; int32 wraps around and divides towards zero.
  case add, subtract, multiply, divide
  /// The remainder of `divide`, with the sign of the dividend.
  case remainder
  /// The first operand to the power of the second, for floating-point operands; a negative base gives not-a-number unless
  /// the exponent is whole.
  case power
  /// The angle in (-pi, pi] of the point whose second coordinate is the first operand and whose first is the second.
  case arctangent2 = "atan2"
  /// Not-a-number if either operand is.
  case maximum, minimum
  /// Logical for bool, bitwise for int32.
  case and, or, xor

  /// Whether operands of a type have the operation.
  package func isDefined(for type: ElementType) -> Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .remainder, .maximum, .minimum: type != .bool
    case .power, .arctangent2: type.isFloatingPoint
    case .and, .or, .xor: !type.isFloatingPoint
    }
  }
}

/// Element-wise comparisons, whose result is bool.
public enum Comparison: String, Hashable, Sendable, CaseIterable {
  /// The left operand beside the right; not-a-number is unequal to everything, itself included, and neither less nor
  /// greater.
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// Reductions to one element.
package enum Reduction: String, Hashable, Sendable, CaseIterable {
  /// Of no elements a sum is 0, a maximum minus infinity or the least integer, a minimum the opposite.
  case sum, maximum, minimum
}

/// Reductions to the place of one element.
package enum ArgumentReduction: String, Hashable, Sendable, CaseIterable {
  /// The place of the largest or of the smallest element.
  case maximum, minimum
}

/// What a random node draws.
public enum RandomDistribution: String, Hashable, Sendable, CaseIterable {
  /// All 2^32 values of an int32 alike.
  case bits
  /// A floating-point number in [0, 1), a multiple of 2^-24 before it is rounded to the element type.
  case uniform
  /// Float from the standard normal distribution.
  case normal
}
