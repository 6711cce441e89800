import LatentDiagnostics

/// The sizes of a tensor's dimensions, outermost first; no dimensions is a scalar.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The sizes, outermost first.
  public let dimensions: [Int]

  /// Creates a shape from its sizes, none of which may be negative.
  public init(_ dimensions: [Int]) {
    require(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative dimension: \(dimensions)")
    self.dimensions = dimensions
  }

  /// Creates a shape from its sizes.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The shape without dimensions.
  public static let scalar = Shape([])

  /// The number of dimensions.
  public var rank: Int { dimensions.count }

  /// The number of elements: the product of the sizes.
  public var elementCount: Int { dimensions.reduce(1, *) }

  /// The size of one dimension; a negative index counts from the end.
  public subscript(_ index: Int) -> Int { dimensions[index < 0 ? index + rank : index] }

  /// How many elements apart neighbours along each dimension are in row-major order.
  package var rowMajorStrides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for index in stride(from: rank - 2, through: 0, by: -1) {
      strides[index] = strides[index + 1] * dimensions[index + 1]
    }
    return strides
  }

  /// The shape in square brackets, such as `[100, 784]`.
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }

  /// The shape both can be broadcast to, by NumPy's rule (aligned at the end, sizes equal or 1), or `nil`.
  package func broadcast(with other: Shape) -> Shape? {
    var result: [Int] = []
    for offset in (1...max(rank, other.rank, 1)).reversed() {
      let left = offset <= rank ? self[rank - offset] : 1
      let right = offset <= other.rank ? other[other.rank - offset] : 1
      guard left == right || left == 1 || right == 1 else { return nil }
      if offset <= max(rank, other.rank) { result.append(left == 1 ? right : left) }
    }
    return Shape(result)
  }

  /// The shape with some dimensions left out.
  package func removing(_ removed: [Int]) -> Shape {
    Shape(dimensions.indices.filter { !removed.contains($0) }.map { dimensions[$0] })
  }

  /// The shape with some dimensions set to size 1.
  package func collapsing(_ collapsed: [Int]) -> Shape {
    Shape(dimensions.indices.map { collapsed.contains($0) ? 1 : dimensions[$0] })
  }

  /// The shape with one dimension's size replaced.
  package func replacing(_ index: Int, with size: Int) -> Shape {
    var result = dimensions
    result[index] = size
    return Shape(result)
  }
}
