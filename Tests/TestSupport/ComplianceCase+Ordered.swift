import Latent

extension ComplianceCase {
  /// Stacking, cutting, masks, and truth values.
  static let combinations: [ComplianceCase] = [
    ComplianceCase("stack", [real(2, 3), real(2, 3)]) { Tensor.stack($0, dimension: 1) },
    ComplianceCase("stack along the last dimension", [real(2, 3), real(2, 3)]) { Tensor.stack($0, dimension: -1) },
    ComplianceCase("stack of scalars", [real(), real(), real()]) { Tensor.stack($0) },
    ComplianceCase("stack of nothing", [real(0, 3), real(0, 3)]) { Tensor.stack($0, dimension: 2) },
    ComplianceCase("unbind", [real(3, 2, 4)]) { operands in
      let parts = operands[0].unbind(-1)
      return parts[0] * parts[1].exp() - parts[3] * parts[2]
    },
    ComplianceCase("split by sizes", [real(2, 6)]) { operands in
      let parts = operands[0].split(sizes: [1, 0, 3, 2], dimension: 1)
      return Tensor.concatenate([parts[3], parts[1], parts[2] * parts[0]], dimension: 1)
    },
    ComplianceCase("outer", [real(3, 2), real(4)]) { $0[0].outer($0[1]) },
    ComplianceCase("diagonal", [real(2, 3, 4)]) { $0[0].diagonal() },
    ComplianceCase("diagonal of a high matrix", [real(5, 2)]) { $0[0].diagonal() },
    ComplianceCase("norm", [real(3, 4)]) { $0[0].norm([1]) },
    ComplianceCase("norm of zero", [real(3)]) { ($0[0] * 0).norm() + $0[0].norm([0], keepingDimensions: true) },
    ComplianceCase("lowerTriangular", [real(2, 4, 4)]) { $0[0].lowerTriangular() },
    ComplianceCase("lowerTriangular above the diagonal", [real(3, 5)]) { $0[0].lowerTriangular(offset: 2) },
    ComplianceCase("upperTriangular", [real(4, 4)]) { $0[0].upperTriangular() },
    ComplianceCase("upperTriangular below the diagonal", [real(5, 3)]) { $0[0].upperTriangular(offset: -1) },
    ComplianceCase("upperTriangular of int32", [integer(4, 5)], gradient: false) { $0[0].upperTriangular(offset: 1) },
    ComplianceCase("any", [truth(6, 3)], gradient: false) { $0[0].any([1]) },
    ComplianceCase("all", [truth(6, 3)], gradient: false) { $0[0].all([1], keepingDimensions: true) },
    ComplianceCase("any of none", [truth(2, 0)], gradient: false) { $0[0].any([1]) },
    ComplianceCase("all of none", [truth(2, 0)], gradient: false) { $0[0].all([1]) },
  ]

  /// Einstein's summation convention.
  static let sums: [ComplianceCase] = [
    ComplianceCase("einsum bij,bjk->bik", [real(2, 3, 4), real(2, 4, 5)]) { Tensor.einsum("bij,bjk->bik", $0) },
    ComplianceCase("einsum without arrow", [real(3, 4), real(4, 2)]) { Tensor.einsum("zj,ja", $0) },
    ComplianceCase("einsum of attention", [real(2, 3, 2, 4), real(2, 5, 2, 4)]) {
      Tensor.einsum("nqhd, nkhd -> nhqk", $0)
    },
    ComplianceCase("einsum of two inner dimensions", [real(2, 3, 4), real(4, 5, 3)]) {
      Tensor.einsum("abc,cda->bd", [$0[0].transpose([1, 0, 2]), $0[1]])
    },
    ComplianceCase("einsum that sums one operand first", [real(2, 3), real(4)]) { Tensor.einsum("ij,k->ki", $0) },
    ComplianceCase("einsum of a dot product", [real(6), real(6)]) { Tensor.einsum("i,i->", $0) },
    ComplianceCase("einsum of an outer product", [real(3), real(2)]) { Tensor.einsum("i,j->ji", $0) },
    ComplianceCase("einsum element by element", [real(3, 2), real(2, 3)]) { Tensor.einsum("ij,ji->ij", $0) },
    ComplianceCase("einsum of a trace", [real(4, 4)]) { Tensor.einsum("ii", $0) },
    ComplianceCase("einsum of a diagonal", [real(3, 2, 3)]) { Tensor.einsum("iji->ji", $0) },
    ComplianceCase("einsum of a transposition", [real(2, 3, 4)]) { Tensor.einsum("abc->cab", $0) },
    ComplianceCase("einsum of three", [real(2, 3), real(3, 4), real(4, 2)]) { Tensor.einsum("ab,bc,cd->ad", $0) },
    ComplianceCase("einsum of int32", [integer(2, 3), integer(3, 4)], gradient: false) {
      Tensor.einsum("ij,jk->ik", $0)
    },
    ComplianceCase("einsum over nothing", [real(2, 0), real(0, 3)]) { Tensor.einsum("ij,jk->ik", $0) },
  ]

  /// Cumulative operations, sorting, and what sorting leads to.
  static let ordered: [ComplianceCase] = {
    let shapes: [([Int], Int)] = [
      ([7], 0), ([3, 5], 1), ([3, 5], 0), ([2, 4, 3], 1), ([1, 1], 1), ([3, 0], 1), ([0, 3], 1),
    ]
    let cumulative = shapes.flatMap { shape, dimension in
      [(false, false), (true, false), (false, true), (true, true)].map { isExclusive, isReversed in
        ComplianceCase(
          "cumulativeSum of \(shape) along \(dimension)\(isExclusive ? " exclusively" : "")\(isReversed ? " in reverse" : "")",
          [.init(shape: Shape(shape), type: .float32, values: .ordinary)]
        ) { $0[0].cumulativeSum(dimension, isExclusive: isExclusive, isReversed: isReversed) }
      }
    }
    let sorts = shapes.flatMap { shape, dimension in
      [false, true].map { isDescending in
        ComplianceCase(
          "sorted \(shape) along \(dimension)\(isDescending ? " descending" : "")",
          [.init(shape: Shape(shape), type: .float32, values: .ordinary)]
        ) { $0[0].sorted(dimension, isDescending: isDescending) }
      }
    }
    return cumulative + sorts + cumulativeCases + sortCases
  }()

  private static let cumulativeCases: [ComplianceCase] = [
    ComplianceCase("cumulativeSum of many lines", [real(3, 50, 70)], gradient: false) { $0[0].cumulativeSum(1) },
    ComplianceCase("cumulativeSum of int32", [integer(4, 9)], gradient: false) { ($0[0] * 3e8).cumulativeSum() },
    ComplianceCase("cumulativeSum of a view", [real(4, 5)]) { $0[0].transpose([1, 0]).cumulativeSum() },
    ComplianceCase("cumulativeSum of bfloat16", [integer(40, range: 0...9)], gradient: false) {
      $0[0].converted(to: .bfloat16).cumulativeSum().converted(to: .int32)
    },
    ComplianceCase("cumulativeProduct", [real(2, 7, 3)]) { $0[0].cumulativeProduct(1) },
    ComplianceCase("cumulativeProduct with zeros", [real(9), integer(9, range: 0...2)]) {
      ($0[0] * $0[1].compare(.greater, 0).converted(to: $0[0].type)).cumulativeProduct()
    },
    ComplianceCase("cumulativeLogSumExp", [real(3, 6)]) { ($0[0] * 20).cumulativeLogSumExp() },
    ComplianceCase("product", [real(3, 7)]) { $0[0].product(1) },
    ComplianceCase("product with a zero", [real(2, 5)]) {
      ($0[0] * $0[0].graph.iota(shape: [5], dimension: 0, type: $0[0].type)).product(-1, keepingDimensions: true)
    },
    ComplianceCase("product of nothing", [real(2, 0)]) { $0[0].product(1) },
  ]

  private static let sortCases: [ComplianceCase] = [
    ComplianceCase("argumentSort is stable", [integer(3, 200, range: 0...4)], gradient: false) { $0[0].argumentSort() },
    ComplianceCase("descending argumentSort is stable", [integer(300, 2, range: -2...2)], gradient: false) {
      $0[0].argumentSort(0, isDescending: true)
    },
    ComplianceCase("argumentSort of many numbers", [real(3, 1000)], gradient: false) { $0[0].argumentSort() },
    ComplianceCase(
      "argumentSort of zeros, infinities, and not-a-number", [integer(2, 90, range: -2...2)], gradient: false
    ) {
      // -1 / -0, -2 / 0 and 0 / 0 among them.
      let x = $0[0].converted(to: .float32)
      return (x * (x + 1) / (x * (x - 1))).argumentSort()
    },
    ComplianceCase("descending argumentSort with not-a-number", [integer(30, range: -2...2)], gradient: false) {
      let x = $0[0].converted(to: .float32)
      return (x / (x * (x - 1))).argumentSort(isDescending: true)
    },
    ComplianceCase("argumentSort of bfloat16", [integer(60)], gradient: false) {
      $0[0].converted(to: .bfloat16).argumentSort()
    },
    ComplianceCase("topK", [real(3, 8)]) { $0[0].topK(3).values },
    ComplianceCase("topK along the first dimension", [real(6, 4)]) { $0[0].topK(2, dimension: 0).values },
    ComplianceCase("indices of topK", [integer(5, 60, range: 0...9)], gradient: false) { $0[0].topK(7).indices },
    ComplianceCase("takeAlong", [real(3, 5), integer(3, 4, range: 0...4)]) { $0[0].takeAlong($0[1]) },
    ComplianceCase("takeAlong the first dimension", [real(5, 2, 3), integer(7, 2, 3, range: 0...4)]) {
      $0[0].takeAlong($0[1], dimension: 0)
    },
    ComplianceCase("takeAlong clamps", [real(2, 5, 3), integer(2, 4, 3, range: -9...9)]) {
      $0[0].takeAlong($0[1], dimension: 1)
    },
    ComplianceCase("takeAlong of no index", [real(2, 5), integer(2, 0)]) { $0[0].takeAlong($0[1]) },
    ComplianceCase("takeAlong of bool", [truth(2, 5), integer(2, 4, range: 0...4)], gradient: false) {
      $0[0].takeAlong($0[1])
    },
  ]

  /// Gradients that are not those of the expression; here they are, so that finite differences agree.
  static let rules: [ComplianceCase] = [
    ComplianceCase("a custom gradient", [real(3, 4), real(4)]) { operands in
      Tensor.customGradient(of: operands) {
        ($0[0] * $0[1]).tanh()
      } backward: { operands, result, cotangent in
        let inner = cotangent * (1 - result * result)
        return [inner * operands[1], (inner * operands[0]).sum([0])]
      }
    },
    ComplianceCase("a checkpointed part", [real(3, 4), real(4, 4)]) { operands in
      operands[0].graph.checkpointed { operands[0].dot(operands[1]).tanh().dot(operands[1]).exp() }
    },
    ComplianceCase("a checkpointed part in another, with random numbers", [real(3, 4)]) { operands in
      let (x, graph) = (operands[0].sine(), operands[0].graph)
      return graph.checkpointed {
        let inner = graph.checkpointed { (x * graph.random(.normal, shape: [3, 4], type: x.type)).tanh().exp() }
        return inner * x + inner.squared()
      }
    },
    ComplianceCase("second derivative of a checkpointed part", [real(5)]) { operands in
      let x = operands[0]
      let value = x.graph.checkpointed { (x.tanh() * x.exp()).sine() }
      return gradient(of: value.sum(), withRespectTo: [x])[0]
    },
    ComplianceCase("barrier", [real(3), real(2)]) { $0[0].exp().barrier(after: $0[1]) * 2 },
  ]
}
