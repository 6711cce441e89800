/// Attention in terms of other operations, with all weights stored: for what has no blocks.
extension AttentionSettings {
  /// Output and log-sum-exp.
  package func spelledOut(_ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor?) -> [Tensor] {
    let sizes = sizes(query.shape, key.shape)
    let scores = scores(query, key, mask)
    let top = scores.max([3], keepingDimensions: true).stopGradient()
    // Where a query sees nothing, all scores are minus infinity, and any number but that will do.
    let base = top.compare(.equal, -.infinity).select(top.scalar(0), top)
    let weights = (scores - base).exp()
    let sum = weights.sum([3], keepingDimensions: true)
    let isBlind = sum.compare(.equal, 0)
    let divisor = isBlind.select(sum.scalar(1), sum)
    let output = fromGroups(intoGroups(weights / divisor, sizes).dot(keyRows(value)), sizes)
    let logSumExp = isBlind.select(top, base + divisor.log()).reshape(sizes.logSumExp)
    return [output, logSumExp]
  }

  /// The gradients with respect to query, key, and value, from the cotangent of the output.
  package func spelledOutGradient(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor?, output: Tensor, logSumExp: Tensor, cotangent: Tensor
  ) -> [Tensor] {
    let sizes = sizes(query.shape, key.shape)
    let isBlind = logSumExp.compare(.equal, -.infinity)
    let base = isBlind.select(logSumExp.scalar(0), logSumExp)
    let weights = (scores(query, key, mask) - base.expandingDimension(3)).exp()
    let worth = queryRows(cotangent, sizes).dot(keyRows(value), transposeRight: true).reshape(sizes.scores)
    let mean = (output * cotangent).sum([3]).transpose([0, 2, 1]).expandingDimension(3)
    let change = intoGroups(weights * (worth - mean) * scale, sizes)
    let keys = change.dot(queryRows(query, sizes), transposeLeft: true)
    let values = intoGroups(weights, sizes).dot(queryRows(cotangent, sizes), transposeLeft: true)
    return [
      fromGroups(change.dot(keyRows(key)), sizes), keys.transpose([0, 2, 1, 3]), values.transpose([0, 2, 1, 3]),
    ]
  }

  /// [batches, query heads, queries, keys].
  private func scores(_ query: Tensor, _ key: Tensor, _ mask: Tensor?) -> Tensor {
    let sizes = sizes(query.shape, key.shape)
    var scores = queryRows(query, sizes).dot(keyRows(key), transposeRight: true).reshape(sizes.scores) * scale
    if let mask { scores = scores + mask }
    guard isCausal else { return scores }
    let graph = query.graph
    let shape: Shape = [sizes.queries, sizes.keys]
    let rows = graph.iota(shape: shape, dimension: 0), columns = graph.iota(shape: shape, dimension: 1)
    let offset = graph.constant(Double(sizes.keys - sizes.queries), .int32)
    return columns.compare(.lessOrEqual, rows + offset).select(scores, scores.scalar(-.infinity))
  }

  /// [batches, key heads, group times queries, features] of [batches, queries, query heads, features].
  private func queryRows(_ tensor: Tensor, _ sizes: AttentionSizes) -> Tensor {
    tensor.transpose([0, 2, 1, 3]).reshape([sizes.batches, sizes.keyHeads, sizes.group * sizes.queries, sizes.features])
  }

  private func keyRows(_ tensor: Tensor) -> Tensor { tensor.transpose([0, 2, 1, 3]) }

  private func intoGroups(_ scores: Tensor, _ sizes: AttentionSizes) -> Tensor {
    scores.reshape([sizes.batches, sizes.keyHeads, sizes.group * sizes.queries, sizes.keys])
  }

  private func fromGroups(_ rows: Tensor, _ sizes: AttentionSizes) -> Tensor {
    rows.reshape([sizes.batches, sizes.queryHeads, sizes.queries, sizes.features]).transpose([0, 2, 1, 3])
  }
}
