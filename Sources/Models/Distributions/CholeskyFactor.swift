import LatentDiagnostics
import LatentTensorGraph

/// A lower-triangular matrix with a positive diagonal, for each index of the leading dimensions.
public struct CholeskyFactor {
  /// L, [..., D, D], lower triangular with a positive diagonal.
  public let matrix: Tensor
  /// The logarithms of the diagonal, [..., D].
  public let logDiagonal: Tensor

  /// Wraps matrices [..., D, D] that are lower-triangular with a positive diagonal.
  public init(matrix: Tensor) { self.init(matrix: matrix, logDiagonal: matrix.diagonals().log()) }

  private init(matrix: Tensor, logDiagonal: Tensor) {
    self.matrix = matrix
    self.logDiagonal = logDiagonal
  }

  /// How many numbers without constraints describe a matrix of D rows: D (D + 1) / 2.
  public static func parameterCount(dimensions: Int) -> Int { dimensions * (dimensions + 1) / 2 }

  /// Makes matrices from numbers without constraints, [..., D (D + 1) / 2], such as a network's outputs.
  ///
  /// The number for a diagonal element is a log-variance: bounded to ±20 smoothly, as those of a diagonal Normal, it is twice the
  /// logarithm of the element. All zeros give the identity.
  ///
  /// - Precondition: the count is that of a triangle.
  public init(unconstrained parameters: Tensor) {
    let count = parameters.shape[-1]
    let size = (0...count).first { Self.parameterCount(dimensions: $0) >= count } ?? 0
    require(size > 0 && Self.parameterCount(dimensions: size) == count, "\(count) numbers fill no triangle")
    // Without its first D numbers, then all of them backwards: row by row the lower triangle of [D, D] has each once.
    let square = Tensor.concatenate(
      (size > 1 ? [parameters.slice(-1, size..<count)] : []) + [parameters.reverse([-1])], dimension: -1)
    let raw = square.reshape(Shape(parameters.leading + [size, size]))
    let logDiagonal = raw.diagonals().smoothlyBounded(within: 20) * 0.5
    self.init(matrix: raw.triangle(.less) + logDiagonal.exp().diagonalMatrices(), logDiagonal: logDiagonal)
  }

  /// The same, to which no gradient flows.
  var detached: CholeskyFactor {
    CholeskyFactor(matrix: matrix.stopGradient(), logDiagonal: logDiagonal.stopGradient())
  }

  /// L v for vectors [..., D].
  func applied(to vectors: Tensor) -> Tensor { matrix.timesVectors(vectors) }

  /// L^-1 v for vectors [..., D].
  func solved(_ vectors: Tensor) -> Tensor {
    let result = matrix.triangularlySolved(
      vectors.expandingDimension(-1), inverseDiagonal: (-logDiagonal).exp())
    return result.reshape(Shape(result.leading))
  }

  /// L^-1, [..., D, D].
  func inverse() -> Tensor {
    let size = matrix.shape[-1]
    let identity = matrix.graph.constant([1], shape: [size], type: matrix.type).diagonalMatrices()
    return matrix.triangularlySolved(identity, inverseDiagonal: (-logDiagonal).exp())
  }
}
