import LatentDiagnostics
import LatentTensorGraph

/// A Sylvester flow with amortised Householder reflections (van den Berg et al. 2018, equation 13 and section 3.2):
/// f(z) = z + Q R tanh(R' Q^T z + b), with Q the product of H reflections and R, R' upper-triangular, all [D, D].
///
/// The diagonals of R and R' are within (-1, 1), so that their products are above -1 and the map is invertible (theorem 2).
/// The inverse has no closed form.
public struct SylvesterFlow: Bijection {
  /// R off its diagonal, [..., D, D].
  private let outer: Tensor
  /// R' off its diagonal, [..., D, D].
  private let inner: Tensor
  /// The diagonal of R, [..., D], within (-1, 1).
  public let outerDiagonal: Tensor
  /// The diagonal of R', [..., D], within (-1, 1).
  public let innerDiagonal: Tensor
  /// b, [..., D].
  private let bias: Tensor
  /// What the reflections are orthogonal to, of unit length or zero, each [..., D].
  private let normals: [Tensor]

  /// How many numbers describe a map of vectors of D dimensions with H reflections.
  public static func parameterCount(dimensions: Int, reflections: Int) -> Int {
    dimensions * (dimensions + 2 + reflections)
  }

  /// Creates a map from parameters without constraints, [..., D (D + 2 + H)].
  ///
  /// They are a matrix [D, D] (above its diagonal R, below it the transpose of R', on it the diagonal of R before tanh), the
  /// diagonal of R' before tanh, b, and the reflections' normals [H, D].
  ///
  /// - Precondition: there are as many as `parameterCount` says.
  public init(parameters: Tensor, dimensions: Int, reflections: Int) {
    let count = Self.parameterCount(dimensions: dimensions, reflections: reflections)
    require(
      parameters.shape[-1] == count, "a Sylvester flow has \(count) parameters, not \(parameters.shape[-1])")
    let square = dimensions * dimensions
    let matrix = parameters.slice(-1, 0..<square).reshape(Shape(parameters.leading + [dimensions, dimensions]))
    let vectors = (0..<(2 + reflections)).map {
      parameters.slice(-1, (square + $0 * dimensions)..<(square + ($0 + 1) * dimensions))
    }
    outer = matrix.triangle(.greater)
    inner = matrix.transposedMatrices().triangle(.greater)
    outerDiagonal = matrix.diagonals().tanh() * 0.9999
    innerDiagonal = vectors[0].tanh() * 0.9999
    bias = vectors[1]
    normals = vectors.dropFirst(2).map {
      $0 * ($0.squared().sum([-1], keepingDimensions: true) + 1e-12).reciprocalSquareRoot()
    }
  }

  /// `false`: the inverse has no closed form, so that only its own draws have a density.
  public var hasInverse: Bool { false }

  /// f(z) and the sum of log(1 + tanh' r_ii r'_ii).
  public func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
    let turned = normals.reduce(z, reflected)
    let bend = (inner.timesVectors(turned) + innerDiagonal * turned + bias).tanh()
    let move = normals.reversed().reduce(outer.timesVectors(bend) + outerDiagonal * bend, reflected)
    let logDeterminant = ((1 - bend.squared()) * outerDiagonal * innerDiagonal).log1p().sum([-1])
    return (z + move, logDeterminant)
  }

  /// `nil`, whatever the point: the inverse has no closed form.
  public func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)? { nil }

  /// The mirror image of x in the plane that a unit vector is orthogonal to.
  private func reflected(_ x: Tensor, _ normal: Tensor) -> Tensor {
    x - normal * ((normal * x).sum([-1], keepingDimensions: true) * 2)
  }
}
