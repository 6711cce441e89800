/// A named piece of state that outlives a run: programs read it and assign to it, a store holds its value.
///
/// A variable is only a declaration. Its identity is the object; its name, unique within a model, is what checkpoints use.
public final class Variable: Hashable, Sendable, CustomStringConvertible {
  /// The path of the variable in its model, such as `encoder/hidden0/kernel`.
  public let name: String
  /// The shape of the value.
  public let shape: Shape
  /// The element type of the value.
  public let type: ElementType
  /// The value before the first assignment.
  public let initializer: Initializer
  /// Whether an optimiser may change it; running statistics and counters are not trainable.
  public let isTrainable: Bool
  /// Whether it is the matrix of a linear map: whether a layer multiplies its input by it.
  ///
  /// A dense kernel [inputs, outputs] is one, and so is a convolution's [KH, KW, inputs, outputs], read as the matrix
  /// [KH * KW * inputs, outputs]: the last dimension is one side, all others together are the other. A bias, a scale, a
  /// table of learned inputs, or the means of a mixture may have two dimensions too, but nothing is multiplied by them, and
  /// their rows and columns mean nothing together.
  ///
  /// Muon asks for it: it changes a matrix by a step all of whose singular values are 1, which makes sense for a map alone,
  /// and leaves other variables to Adam (`UpdateRule.muon`). Shapes do not tell the two apart, so that layers say it.
  public let isLinearMap: Bool

  /// Declares a variable; a store makes its value when it is first asked for.
  public init(
    _ name: String, shape: Shape, type: ElementType = .float32, initializer: Initializer = .zeros,
    isTrainable: Bool = true, isLinearMap: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.type = type
    self.initializer = initializer
    self.isTrainable = isTrainable
    self.isLinearMap = isLinearMap
  }

  /// Whether both are the same declaration.
  public static func == (left: Variable, right: Variable) -> Bool { left === right }

  /// Hashes the identity of the declaration, not its name.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// Name and shape, as error messages say them.
  public var description: String { "\(name) \(shape)" }
}

/// How a variable gets its first value; random ones draw from the stream named by the variable.
public enum Initializer: Hashable, Sendable {
  /// 0 everywhere.
  case zeros
  /// One number everywhere.
  case constant(Double)
  /// The given elements, in row-major order.
  case values([Double])
  /// Independent draws from a Normal with mean zero.
  case normal(standardDeviation: Double)
  /// Uniform in [-limit, limit].
  case uniform(limit: Double)
  /// The value that another variable of the same shape and type has when this one is first asked for.
  case copy(Variable)

  /// Uniform with variance 2 / (fanIn + fanOut) (Glorot & Bengio 2010, equation 16).
  public static func glorotUniform(fanIn: Int, fanOut: Int) -> Initializer {
    .uniform(limit: (6 / Double(max(1, fanIn + fanOut))).squareRoot())
  }

  /// Normal with variance 2 / fanIn, for rectified units (He et al. 2015, equation 10).
  public static func heNormal(fanIn: Int) -> Initializer {
    .normal(standardDeviation: (2 / Double(max(1, fanIn))).squareRoot())
  }
}
