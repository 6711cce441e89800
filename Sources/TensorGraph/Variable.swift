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
  /// Whether it maps vectors to vectors, as a layer's kernel does, its last dimension being one side of the matrix: some
  /// optimisers treat these as matrices, and other tables of numbers not.
  public let isLinearMap: Bool

  /// Declares a variable.
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

  /// Hashes the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// Name and shape.
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
  /// Normal with mean zero.
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
