import Latent

extension ComplianceCase {
  /// What must be zero: operations that are derived from others minus what they are meant to be.
  ///
  /// Both back ends compute a derived operation by the same nodes, so that a mistake in them shows here alone.
  public static let identities: [ComplianceCase] = combined + summed + ordering + functions + windows

  private static let combined: [ComplianceCase] = [
    ComplianceCase("stack and unbind", [real(2, 3, 4)]) { Tensor.stack($0[0].unbind(1), dimension: 1) - $0[0] },
    ComplianceCase("stack along the end", [real(3), real(3)]) {
      Tensor.stack($0, dimension: -1).sum([0]) - Tensor.stack([$0[0].sum(), $0[1].sum()])
    },
    ComplianceCase("split by sizes", [real(2, 6)]) {
      Tensor.concatenate($0[0].split(sizes: [1, 0, 3, 2], dimension: 1), dimension: 1) - $0[0]
    },
    ComplianceCase("the two triangles of a matrix", [real(4, 5)]) {
      $0[0].lowerTriangular(offset: 1) + $0[0].upperTriangular(offset: 2) - $0[0]
    },
    ComplianceCase("the diagonal is in both triangles", [real(4, 5)]) {
      $0[0].lowerTriangular().upperTriangular().sum([1]) - $0[0].diagonal()
    },
    ComplianceCase("a triangle of ones", [real()]) { operands in
      let mask = operands[0].graph.lowerTriangularMask(rows: 2, columns: 3, offset: -1).converted(to: operands[0].type)
      return mask - operands[0].graph.constant([0, 0, 0, 1, 0, 0], shape: [2, 3], type: operands[0].type)
    },
    ComplianceCase("norm", [real(3, 4)]) { $0[0].norm([1]).squared() - $0[0].squared().sum([1]) },
    ComplianceCase("outer", [real(3), real(2)]) {
      $0[0].outer($0[1]) - $0[0].reshape([3, 1]).dot($0[1].reshape([1, 2]))
    },
  ]

  private static let summed: [ComplianceCase] = [
    ComplianceCase("einsum of a batch", [real(2, 3, 4), real(2, 4, 5)]) {
      Tensor.einsum("bij,bjk->bik", $0) - $0[0].dot($0[1])
    },
    ComplianceCase("einsum without arrow", [real(3, 4), real(4, 2)]) {
      Tensor.einsum("zj,ja", $0) - $0[0].dot($0[1]).transpose([1, 0])
    },
    ComplianceCase("einsum of attention", [real(2, 3, 2, 4), real(2, 5, 2, 4)]) {
      Tensor.einsum("nqhd, nkhd -> nhqk", $0)
        - $0[0].transpose([0, 2, 1, 3]).dot($0[1].transpose([0, 2, 1, 3]), transposeRight: true)
    },
    ComplianceCase("einsum of sums", [real(2, 3), real(4)]) {
      Tensor.einsum("ij,k->ki", $0) - $0[1].outer($0[0].sum([1]))
    },
    ComplianceCase("einsum of a trace", [real(4, 4)]) { Tensor.einsum("ii->", $0) - $0[0].diagonal().sum() },
    ComplianceCase("einsum of three", [real(2, 3), real(3, 4), real(4, 2)]) {
      Tensor.einsum("ab,bc,ca->", $0) - $0[0].dot($0[1]).dot($0[2]).diagonal().sum()
    },
    ComplianceCase("einsum element by element", [real(3, 2), real(2, 3)]) {
      Tensor.einsum("ij,ji->ij", $0) - $0[0] * $0[1].transpose([1, 0])
    },
  ]

  private static let ordering: [ComplianceCase] = [
    ComplianceCase("cumulativeProduct", [real(2, 5)]) { operands in
      let products = (1...5).map { operands[0].slice(1, 0..<$0).product(1, keepingDimensions: true) }
      return operands[0].cumulativeProduct() - Tensor.concatenate(products, dimension: 1)
    },
    ComplianceCase("product", [real(2, 5, values: .positive)]) { $0[0].product(1) - $0[0].log().sum([1]).exp() },
    ComplianceCase("cumulativeLogSumExp", [real(2, 5)]) {
      $0[0].cumulativeLogSumExp() - $0[0].exp().cumulativeSum().log()
    },
    ComplianceCase("cumulativeSum", [real(3, 6)]) {
      $0[0].cumulativeSum()
        - $0[0].dot(
          $0[0].graph.lowerTriangularMask(rows: 6, columns: 6).converted(to: $0[0].type), transposeRight: true)
    },
    ComplianceCase("takeAlong of all places", [real(2, 3, 4)]) {
      $0[0].takeAlong($0[0].graph.iota(shape: [2, 3, 4], dimension: 1), dimension: 1) - $0[0]
    },
    ComplianceCase("takeAlong of one row's indices", [real(2, 5), integer(3, range: 0...4)]) {
      $0[0].takeAlong($0[1].broadcast(to: [2, 3])) - $0[0].gather($0[1], dimension: 1)
    },
    ComplianceCase("topK begins with the largest", [real(3, 7)]) {
      $0[0].topK(1).values - $0[0].max([1], keepingDimensions: true)
    },
    ComplianceCase("sorted", [real(4)]) { operands in
      let x = operands[0].sorted()
      // Neighbours that are not in order would leave their distance.
      return (x.slice(0, 0..<3) - x.slice(0, 1..<4)).relu() + (x.sum() - operands[0].sum())
    },
  ]

  private static let functions: [ComplianceCase] = [
    ComplianceCase("arctangent of tangent", [real(9, values: .unit)]) { $0[0].tangent().arctangent() - $0[0] },
    ComplianceCase("arcsine of sine", [real(9, values: .unit)]) { $0[0].sine().arcsine() - $0[0] },
    ComplianceCase("arccosine of cosine", [real(9, values: .positive)]) { $0[0].cosine().arccosine() - $0[0] },
    ComplianceCase("arctangent2 of a circle's points", [real(9)]) { $0[0].sine().arctangent2($0[0].cosine()) - $0[0] },
    ComplianceCase("arsinh of sinh", [real(9)]) { $0[0].sinh().arsinh() - $0[0] },
    ComplianceCase("arcosh of cosh", [real(9, values: .positive)]) { $0[0].cosh().arcosh() - $0[0] },
    ComplianceCase("artanh of tanh", [real(9)]) { $0[0].tanh().artanh() - $0[0] },
    ComplianceCase("cosh and sinh", [real(9)]) { $0[0].cosh().squared() - $0[0].sinh().squared() - 1 },
  ]

  private static let windows: [ComplianceCase] = [
    ComplianceCase("causal convolution1D by its taps", [real(2, 6, 2), real(3, 2, 3)]) { operands in
      let padded = operands[0].pad(low: [0, 4, 0], high: [0, 0, 0])
      let taps = (0..<3).map { tap in
        padded.slice(1, (2 * tap)..<(2 * tap + 6)).dot(operands[1].slice(0, tap..<(tap + 1)).reshape([2, 3]))
      }
      return operands[0].convolution1D(operands[1], padding: .causal, dilation: 2) - taps[0] - taps[1] - taps[2]
    },
    // <C x, y> = <x, C' y>: the two are each other's transposes.
    ComplianceCase("convolution1D and its transpose", [real(1, 6, 2), real(3, 2, 3), real(1, 3, 3)]) {
      let there = ($0[0].convolution1D($0[1], stride: 2, padding: .same) * $0[2]).sum()
      let back = ($0[2].transposedConvolution1D($0[1], outputLength: 6, stride: 2, padding: .same) * $0[0]).sum()
      return there - back
    },
    ComplianceCase("convolution3D and its transpose", [real(1, 5, 3, 3, 2), real(2, 2, 2, 2, 3), real(1, 2, 2, 2, 3)]) {
      let there = ($0[0].convolution3D($0[1], strides: [2, 1, 1]) * $0[2]).sum()
      let back = ($0[2].transposedConvolution3D($0[1], outputSize: [5, 3, 3], strides: [2, 1, 1]) * $0[0]).sum()
      return there - back
    },
    ComplianceCase("convolution3D by its images", [real(1, 4, 3, 3, 4), real(2, 2, 2, 2, 6)]) { operands in
      let (volume, kernel) = (operands[0], operands[1])
      let images = (0..<3).map { depth in
        (0..<2).map { tap in
          volume.slice(1, (depth + tap)..<(depth + tap + 1)).reshape([1, 3, 3, 4])
            .convolution(kernel.slice(0, tap..<(tap + 1)).reshape([2, 2, 2, 6]), groups: 2)
        }.reduce(volume.graph.constant([0], shape: [1, 2, 2, 6], type: volume.type)) { $0 + $1 }
      }
      return volume.convolution3D(kernel, groups: 2) - Tensor.stack(images, dimension: 1)
    },
    ComplianceCase("resizedNearest by a factor", [real(1, 2, 3, 2)]) {
      $0[0].resizedNearest([4, 6]) - $0[0].upsampledNearest(2)
    },
    ComplianceCase("resizedBilinear to half is a mean", [real(1, 4, 6, 2)]) {
      $0[0].resizedBilinear([2, 3]) - $0[0].averagePooled(size: 2)
    },
    ComplianceCase("resizedBilinear of a slope", [real(1, 1, 1, 1)]) { operands in
      let slope = operands[0].graph.iota(shape: [1, 4, 1, 1], dimension: 1, type: operands[0].type)
      let expected = operands[0].graph.constant(
        [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3], shape: [1, 8, 1, 1], type: operands[0].type)
      return slope.resizedBilinear([8, 1]) - expected
    },
    ComplianceCase("pixelShuffled and back", [real(1, 2, 2, 9)]) { $0[0].pixelShuffled(3).pixelUnshuffled(3) - $0[0] },
    ComplianceCase("pixelUnshuffled has a square's pixels one after another", [real(1, 2, 2, 3)]) {
      $0[0].pixelUnshuffled(2).reshape([4, 3]) - $0[0].reshape([4, 3])
    },
  ]
}
