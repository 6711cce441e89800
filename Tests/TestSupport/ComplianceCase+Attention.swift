import Latent

extension ComplianceCase {
  /// Attention over sizes around those of blocks, in all its forms, and its first and second derivatives.
  static let attention: [ComplianceCase] = forms + derivatives + inLoops + large

  private static let forms: [ComplianceCase] = [
    ComplianceCase("attention", [real(2, 5, 3, 4), real(2, 7, 3, 4), real(2, 7, 3, 4)]) {
      $0[0].attention(keys: $0[1], values: $0[2])
    },
    ComplianceCase("causal attention", [real(2, 6, 2, 4), real(2, 6, 2, 4), real(2, 6, 2, 4)]) {
      $0[0].attention(keys: $0[1], values: $0[2], causal: true)
    },
    ComplianceCase("causal attention to kept keys", [real(1, 3, 2, 4), real(1, 8, 2, 4), real(1, 8, 2, 4)]) {
      $0[0].attention(keys: $0[1], values: $0[2], causal: true, scale: 0.3)
    },
    ComplianceCase(
      "causal attention of queries before all keys", [real(1, 7, 1, 2), real(1, 3, 1, 2), real(1, 3, 1, 2)]
    ) { $0[0].attention(keys: $0[1], values: $0[2], causal: true) },
    ComplianceCase("attention of grouped heads", [real(2, 5, 6, 2), real(2, 5, 2, 2), real(2, 5, 2, 2)]) {
      $0[0].attention(keys: $0[1], values: $0[2], causal: true)
    },
    ComplianceCase("attention of one query", [real(3, 1, 4, 3), real(3, 9, 2, 3), real(3, 9, 2, 3)]) {
      $0[0].attention(keys: $0[1], values: $0[2])
    },
    ComplianceCase("attention with a mask", [real(2, 5, 2, 4), real(2, 6, 2, 4), real(2, 6, 2, 4)]) {
      let places = $0[0].graph.iota(shape: [5, 6], dimension: 1, type: $0[0].type)
      let mask = places.compare(.less, 4).select(
        places.sine(), $0[0].graph.constant(-.infinity, $0[0].type))
      return $0[0].attention(keys: $0[1], values: $0[2], mask: mask)
    },
    ComplianceCase("attention in a packed product", [real(2, 5, 24)]) { attended($0[0], heads: 2, causal: true) },
    ComplianceCase(
      "attention of transposed views", [real(4, 2, 5, 2), real(2, 2, 5, 4), real(2, 5, 2, 4)]
    ) {
      // The features of the first have gaps and are copied; the second is read where it lies.
      $0[0].transpose([1, 2, 3, 0]).attention(keys: $0[1].transpose([0, 2, 1, 3]), values: $0[2].reverse([1]))
    },
    ComplianceCase("attention of repeated keys", [real(2, 5, 2, 4), real(1, 6, 1, 4)]) {
      let keys = $0[1].broadcast(to: [2, 6, 2, 4])
      return $0[0].attention(keys: keys, values: keys)
    },
    ComplianceCase("attention to nothing", [real(2, 3, 2, 4), real(2, 0, 2, 4)]) {
      $0[0].attention(keys: $0[1], values: $0[1])
    },
    ComplianceCase("attention of nothing", [real(0, 3, 2, 4), real(0, 3, 2, 4)]) {
      $0[0].attention(keys: $0[1], values: $0[1])
    },
    ComplianceCase("rotary positions", [real(2, 5, 2, 6)]) {
      $0[0].rotated(positions: $0[0].graph.iota(shape: [5], dimension: 0) + $0[0].graph.constant(3, .int32))
    },
  ]

  private static let derivatives: [ComplianceCase] =
    (0..<3).map { number in
      ComplianceCase(
        "gradient of attention \(number)", [real(1, 4, 2, 2), real(1, 5, 1, 2), real(1, 5, 1, 2)]
      ) { operands in
        let output = operands[0].attention(keys: operands[1], values: operands[2], causal: number == 1)
        return gradient(of: output.squared().sum(), withRespectTo: operands)[number]
      }
    } + [
      ComplianceCase("gradient of attention of what is attended to itself", [real(1, 4, 1, 2)]) {
        let output = $0[0].attention(keys: $0[0] * 0.5, values: $0[0].sine())
        return gradient(of: output.squared().sum(), withRespectTo: [$0[0]])[0]
      }
    ]

  /// Each step's queries are what the step before made of them.
  private static let inLoops: [ComplianceCase] = [false, true].map { isRematerialized in
    ComplianceCase(
      "attention in a loop\(isRematerialized ? ", rematerialized" : "")", [real(3, 1, 4, 2, 2), real(1, 4, 2, 2)]
    ) { operands in
      operands[0].graph.scan([operands[0]], carrying: [operands[1]], isRematerialized: isRematerialized) {
        carried, slices in
        ([carried[0] + carried[0].attention(keys: slices[0], values: slices[0], causal: true)], [])
      }.carried[0]
    }
  }

  /// Several blocks, and several threads.
  private static let large: [ComplianceCase] = [
    (1, 130, 2, 24), (3, 100, 1, 16), (2, 70, 3, 40),
  ].flatMap { count, length, heads, features in
    [false, true].map { causal in
      ComplianceCase(
        "attention of \(count) x \(length) x \(heads) x \(features)\(causal ? ", causal" : "")",
        [real(count, length, 3 * heads * features)], gradient: false
      ) { operands in
        let output = attended(operands[0], heads: heads, causal: causal)
        let gradient = gradient(of: (output * output.sine()).sum(), withRespectTo: operands)[0]
        return Tensor.concatenate([output.reshape([count, length, heads * features]), gradient], dimension: 2)
      }
    }
  }

  /// Self-attention of a product [N, T, 3 C].
  private static func attended(_ product: Tensor, heads: Int, causal: Bool) -> Tensor {
    let (count, length) = (product.shape[0], product.shape[1])
    let all = product.reshape([count, length, 3 * heads, product.shape[2] / (3 * heads)])
    let parts = (0..<3).map { all.slice(2, ($0 * heads)..<(($0 + 1) * heads)) }
    return parts[0].attention(keys: parts[1], values: parts[2], causal: causal)
  }
}
