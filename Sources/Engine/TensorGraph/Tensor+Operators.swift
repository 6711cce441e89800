extension Tensor {
  /// Adds, with broadcasting.
  public static func + (left: Tensor, right: Tensor) -> Tensor { left.operate(.add, right) }
  /// Subtracts, with broadcasting.
  public static func - (left: Tensor, right: Tensor) -> Tensor { left.operate(.subtract, right) }
  /// Multiplies element by element, with broadcasting.
  public static func * (left: Tensor, right: Tensor) -> Tensor { left.operate(.multiply, right) }
  /// Divides element by element, with broadcasting.
  public static func / (left: Tensor, right: Tensor) -> Tensor { left.operate(.divide, right) }

  /// Adds a number.
  public static func + (left: Tensor, right: Double) -> Tensor { left + left.scalar(right) }
  /// Adds to a number.
  public static func + (left: Double, right: Tensor) -> Tensor { right.scalar(left) + right }
  /// Subtracts a number.
  public static func - (left: Tensor, right: Double) -> Tensor { left - left.scalar(right) }
  /// Subtracts from a number.
  public static func - (left: Double, right: Tensor) -> Tensor { right.scalar(left) - right }
  /// Multiplies by a number.
  public static func * (left: Tensor, right: Double) -> Tensor { left * left.scalar(right) }
  /// Multiplies a number.
  public static func * (left: Double, right: Tensor) -> Tensor { right.scalar(left) * right }
  /// Divides by a number.
  public static func / (left: Tensor, right: Double) -> Tensor { left / left.scalar(right) }
  /// Divides a number.
  public static func / (left: Double, right: Tensor) -> Tensor { right.scalar(left) / right }

  /// The negative.
  public static prefix func - (operand: Tensor) -> Tensor { operand.negated() }
  /// Logical not of bool, bitwise not of int32.
  public static prefix func ! (operand: Tensor) -> Tensor { operand.inverted() }
  /// Logical and of bool, bitwise and of int32.
  public static func & (left: Tensor, right: Tensor) -> Tensor { left.operate(.and, right) }
  /// Logical or of bool, bitwise or of int32.
  public static func | (left: Tensor, right: Tensor) -> Tensor { left.operate(.or, right) }
  /// Exclusive or, of bool or of the bits of int32.
  public static func ^ (left: Tensor, right: Tensor) -> Tensor { left.operate(.xor, right) }

  /// An operator takes no source location, so a mistake is located by the stack.
  private func operate(_ operation: BinaryOperation, _ other: Tensor) -> Tensor {
    combine(operation, other, file: nil, line: 0)
  }
}
