import LatentTensorGraph

extension Tensor {
  /// Brings all singular values of a matrix near 1 and keeps its singular vectors: five steps of the quintic Newton-Schulz
  /// iteration X <- (a + b G + c G^2) X with G = X X^T, whose coefficients raise small values fast and leave them between
  /// 0.7 and 1.2 (Jordan et al. 2024, "Muon").
  ///
  /// Every iterate is a polynomial of the first G times the first X, so that the steps are taken on G alone: it is as wide as
  /// the smaller side, which halves the multiplications of a matrix of 784 x 200. Rounding can turn an eigenvalue of G that is
  /// zero slightly negative, and the steps multiply it by 20,000: float32 has room for that, bfloat16 has not.
  func orthogonalized() -> Tensor {
    let isTall = shape[0] > shape[1]
    let unit = self / squared().sum().squareRoot().maximum(1e-30)
    var gram = isTall ? unit.dot(unit, transposeLeft: true) : unit.dot(unit, transposeRight: true)
    let size = gram.shape[0]
    let identity = graph.iota(shape: [size], dimension: 0).oneHot(size)
    var product = identity
    let (a, b, c, steps) = (3.4445, -4.7750, 2.0315, 5)
    for step in 1...steps {
      let factor = identity * a + gram * b + gram.dot(gram) * c
      product = step == 1 ? factor : product.dot(factor)
      // The factor is a polynomial of G and commutes with it.
      if step < steps { gram = factor.dot(gram).dot(factor) }
    }
    return isTall ? unit.dot(product) : product.dot(unit)
  }
}
