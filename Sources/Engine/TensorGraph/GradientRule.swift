/// How the gradient of a value is found other than through what the value is computed with.
package enum GradientRule: Hashable, Sendable {
  /// By a rule of the caller's.
  case custom(CustomGradient)
  /// Through the computation done again, from the operands behind a barrier: what lies between them and the value need not
  /// be kept.
  case recomputation
}

/// A rule for the gradient of a value, to be given with it: what arrives at the value becomes what arrives at the operands.
///
/// The rule adds nodes to the graph as any expression does, so that gradients of gradients follow. It is given all tensors
/// that it works on, and the compiler does not let it capture any: a tensor holds its graph, and the graph holds the rule.
/// Two rules are equal when they are the same object; one that is kept in a constant lets equal values be one node.
public final class CustomGradient: Hashable, Sendable {
  /// What operands, result, and the result's cotangent make of the operands' cotangents.
  package let cotangents: @Sendable (_ operands: [Tensor], _ result: Tensor, _ cotangent: Tensor) -> [Tensor?]

  /// Creates a rule.
  ///
  /// - Parameter cotangents: for each operand its share of the cotangent, of the operand's shape and type, or `nil` for none.
  public init(
    _ cotangents: @escaping @Sendable (_ operands: [Tensor], _ result: Tensor, _ cotangent: Tensor) -> [Tensor?]
  ) {
    self.cotangents = cotangents
  }

  /// Whether both are the same rule.
  public static func == (left: CustomGradient, right: CustomGradient) -> Bool { left === right }

  /// Hashes the identity of the rule.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// Hands the cotangent to the only operand as it is.
  static let passing = CustomGradient { _, _, cotangent in [cotangent] }
}
