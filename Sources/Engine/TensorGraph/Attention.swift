import LatentDiagnostics

/// How queries attend to keys.
package struct AttentionSettings: Hashable, Sendable {
  /// What products of queries and keys are multiplied with.
  package var scale: Double
  /// Whether query i sees keys up to i + keys - queries alone.
  package var isCausal: Bool
  /// Whether the fourth operand is a mask [N, heads, queries, keys], which is added to the scaled products.
  package var isMasked: Bool

  package init(scale: Double, isCausal: Bool, isMasked: Bool) {
    self.scale = scale
    self.isCausal = isCausal
    self.isMasked = isMasked
  }

  /// The sizes that operands of these settings have.
  package func sizes(_ query: Shape, _ key: Shape) -> AttentionSizes {
    AttentionSizes(
      batches: query[0], queries: query[1], queryHeads: query[2], keys: key[1], keyHeads: key[2], features: query[3])
  }
}

/// The sizes of queries [batches, queries, query heads, features] and of keys and values [batches, keys, key heads, features].
package struct AttentionSizes: Hashable, Sendable {
  package var batches: Int, queries: Int, queryHeads: Int, keys: Int, keyHeads: Int, features: Int

  /// How many query heads share a key head.
  package var group: Int { keyHeads == 0 ? 0 : queryHeads / keyHeads }
  package var query: Shape { [batches, queries, queryHeads, features] }
  package var key: Shape { [batches, keys, keyHeads, features] }
  /// Of the logarithm of the sum of each query's weights.
  package var logSumExp: Shape { [batches, queryHeads, queries] }
  package var scores: Shape { [batches, queryHeads, queries, keys] }
}

extension Tensor {
  /// Scaled dot-product attention of queries (Vaswani et al. 2017): for each query the mean of the values, weighted by
  /// softmax(scale q k^T + mask) over the keys.
  ///
  /// The weights are never stored: memory grows with the number of positions, not with its square, forwards and backwards
  /// (Rabe & Staats 2021; Dao et al. 2022). Queries are [N, queries, heads, features]; keys and values are [N, keys, key heads,
  /// features], of as many heads or of fewer that divide them: heads that are neighbours then share keys and values (Ainslie et
  /// al. 2023). A query that sees no key gets zeros. bfloat16 operands are computed with in float32.
  ///
  /// No gradient flows to the mask.
  ///
  /// - Parameters:
  ///   - causal: whether a query sees no later key. The last query stands at the last key's position, so that queries of further
  ///     positions see all keys that were kept.
  ///   - scale: what products are multiplied with; one by the square root of the features unless given.
  ///   - mask: numbers that broadcast to [N, heads, queries, keys] and are added to the scaled products; minus infinity hides.
  /// - Returns: [N, queries, heads, features].
  public func attention(
    keys: Tensor, values: Tensor, causal: Bool = false, scale: Double? = nil, mask: Tensor? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    let operands = [self, keys, values]
    guard operands.allSatisfy({ $0.rank == 4 && $0.type == type }), type.isFloatingPoint else {
      shapeMistake(
        "attention", operands,
        "expected queries, keys, and values [N, positions, heads, features] of one floating-point type",
        file: file, line: line)
    }
    guard keys.shape == values.shape, keys.shape[0] == shape[0], keys.shape[3] == shape[3] else {
      shapeMistake(
        "attention", operands, "keys and values have one shape, and the queries' batch and features", file: file,
        line: line)
    }
    guard keys.shape[2] > 0, shape[2] % keys.shape[2] == 0 else {
      shapeMistake(
        "attention", operands, "\(keys.shape[2]) heads of keys do not divide \(shape[2]) heads of queries", file: file,
        line: line)
    }
    if type == .bfloat16 {
      return converted(to: .float32).attention(
        keys: keys.converted(to: .float32), values: values.converted(to: .float32), causal: causal, scale: scale,
        mask: mask?.converted(to: .float32), file: file, line: line
      ).converted(to: type)
    }
    let settings = AttentionSettings(
      scale: scale ?? 1 / Double(Swift.max(1, shape[3])).squareRoot(), isCausal: causal, isMasked: mask != nil)
    let sizes = settings.sizes(shape, keys.shape)
    if let mask, mask.type != type || mask.shape.broadcast(with: sizes.scores) != sizes.scores {
      shapeMistake(
        "attention", operands + [mask], "the mask must broadcast to \(type) \(sizes.scores)", file: file, line: line)
    }
    guard !graph.spellsOutAttention else {
      return settings.spelledOut(self, keys, values, mask: mask?.broadcast(to: sizes.scores))[0]
    }
    let results = graph.add(
      .attention(settings), operands + (mask.map { [$0.broadcast(to: sizes.scores)] } ?? []),
      results: [(sizes.query, type), (sizes.logSumExp, type)])
    return results[0]
  }
}
